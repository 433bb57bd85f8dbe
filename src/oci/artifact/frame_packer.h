// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing files as blobs of an artifact: in frames (seek_table.h) that can be fetched and verified
// one by one.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "async/shared_bytes.h"
#include "base/bytes.h"
#include "oci/artifact/seek_table.h"
#include "os/crypto.h"
#include "os/file.h"

namespace cim::oci {

/// How the frames of a blob are stored.
enum class FrameForm {
  kZstd,   ///< each compressed, with a seek table at the end
  kPlain,  ///< as they are: the blob is the file
};

/// A file in packed form.
struct PackedFile {
  PackedSizes sizes;
  Sha256Digest digest{};                    ///< of the packed bytes
  Sha256Digest plain_digest{};              ///< of the plain bytes
  Bytes seek_table;                         ///< the last sizes.table bytes
  std::vector<Sha256Digest> frame_digests;  ///< of the packed bytes of each frame
};

/// Packs a file into an empty one. `progress` receives the number of plain bytes done, from 0.
/// Throws kCancelled, kCorrupt if the file becomes shorter meanwhile, and what writing throws.
PackedFile pack_file(const File& plain, File& packed, FrameForm form,
                     const std::function<void(std::uint64_t)>& progress,
                     const std::stop_token& stop);

/// Cuts the bytes of a packed file into its frames.
class FrameSplitter {
 public:
  explicit FrameSplitter(std::vector<Frame> frames) : frames_(std::move(frames)) {}

  /// Takes the next bytes of the file and calls `pass` with the packed bytes of each frame that
  /// is complete.
  void take(ByteView packed, const std::function<void(SharedBytes)>& pass);

  const std::vector<Frame>& frames() const noexcept { return frames_; }
  /// Returns true once all frames were passed.
  bool is_complete() const noexcept { return next_ == frames_.size(); }

 private:
  std::vector<Frame> frames_;
  std::size_t next_ = 0;
  BufferPool buffers_{kLargestPackedFrame};
  std::shared_ptr<BufferPool::Buffer> gathered_;  // bytes of the next frame
  std::size_t gathered_size_ = 0;
};

/// Verifies one frame and unpacks it. Throws kCorrupt.
void unpack_frame(ByteView packed, FrameForm form, const Sha256Digest& digest,
                  std::span<std::byte> plain, const std::string& subject);

}  // namespace cim::oci
