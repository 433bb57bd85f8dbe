// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Copies the contents of an upper directory's files to a layer: default and alternate streams.

#include <filesystem>
#include <optional>
#include <string>

#include "cimlib/image.h"
#include "cimlib/layer_commit.h"
#include "cimlib/layer_writer.h"

#include "image/host/host_entry_posix.h"
#include "layer/commit/upper_entry.h"

namespace cim::layer {

/// Writes to one layer, counts in its result, and reports progress.
class UpperContents {
 public:
  /// All must outlive this object. `parent` is the image that was mounted.
  UpperContents(const std::filesystem::path& upper, LayerWriter& layer, const Image& parent,
                const CommitOptions& options, CommitResult& result)
      : upper_(upper.string()),
        layer_(layer),
        parent_(parent),
        options_(options),
        result_(result) {}

  /// Writes the contents of the file that was added last.
  void write_file(const HostEntry& file);

  /// Adds the alternate streams of an entry to the file at `path`, and those of the parent's file
  /// `source`, if it was copied from one, that the copy lacks.
  void add_streams(const UpperEntry& entry, const ImagePath& path, std::optional<FileId> source);

  void finish_entry(const std::string& name);

  /// Throws kCancelled if the caller requested a stop.
  void check_stop() const;

 private:
  void begin_stream(const UpperEntry& entry, const ImagePath& path, const std::string& stream,
                    std::uint64_t size);
  void copy_stream(FileId source, const ImagePath& path, const std::u16string& name);
  void write_hole(std::uint64_t size);
  void write(ByteView bytes);
  void report();

  std::string upper_;
  LayerWriter& layer_;
  const Image& parent_;
  const CommitOptions& options_;
  CommitResult& result_;
  SparseReader reader_;
  std::uint64_t written_ = 0;  // bytes of the current file
  Progress progress_;
  std::string current_;
};

}  // namespace cim::layer
