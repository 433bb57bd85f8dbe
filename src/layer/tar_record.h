// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The record of a tar: what it has besides the contents of files, so that the same bytes can be
// made again from a layer's image. An image has no header's spelling of a number, no padding, and
// not the order of entries.
//
// The file is one zstd stream, or a gzip stream of a build without zstd. Unpacked, it begins with
// the line "cimlib tar record 1", followed by items; integers are little-endian:
//
//   1, size in 4 bytes, bytes                       bytes of the tar
//   2, size in 8 bytes, path, stream                content of a file; a text has its size in 4
//                                                   bytes before it
//   0, size of the tar in 8 bytes                   the end

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "cimlib/byte_streams.h"
#include "cimlib/image_path.h"

#include "base/bytes.h"
#include "os/file.h"
#include "tar/sink.h"
#include "tar/source.h"

namespace cim::layer {

/// Writes the record of a tar while it is read.
class TarRecorder final : public tar::Observer {
 public:
  /// The record gets its name in publish().
  explicit TarRecorder(const std::filesystem::path& record);

  void structure(ByteView bytes) override;
  void content(ByteView bytes) override;

  /// Announces that the following content is stored in the image as that stream of that file; the
  /// default stream has an empty name. It ends with the next structure.
  void begin_content(const ImagePath& path, std::u16string_view stream);

  /// Completes the record; it is durable on return.
  void publish();

 private:
  void keep(ByteView bytes);
  void put_bytes();
  void put_content();
  void put(ByteView bytes);

  AtomicFile file_;
  std::uint64_t file_size_ = 0;
  tar::CallingSink output_;
  std::unique_ptr<tar::Sink> packed_;
  std::uint64_t tar_size_ = 0;
  Bytes bytes_;                        // not written yet
  std::optional<std::string> path_{};  // of the content that passes
  std::string stream_;
  std::uint64_t content_size_ = 0;
};

/// Receives the parts of a tar.
struct TarParts {
  std::function<void(ByteView)> bytes;
  std::function<void(std::uint64_t size, const std::string& path, const std::string& stream)>
      content;
};

/// Reads a record. Throws kCorrupt, and kLimit for items that no recorder writes.
void read_tar_record(const ByteSource& record, const TarParts& parts,
                     const std::stop_token& stop = {});

/// Makes a tar again from its record and the image of its layer. What it writes is the tar only if
/// the digest of it says so: nothing in a record vouches for the contents. Throws kCorrupt for a
/// damaged record and if the image has not the contents that it names, and what reading an image
/// throws.
void remake_tar(const std::filesystem::path& record, const std::filesystem::path& image,
                const ByteSink& sink, const std::stop_token& stop = {});

}  // namespace cim::layer
