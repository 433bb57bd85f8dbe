// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The data of a sparse stream until it can be written to a layer: its ranges arrive in any order,
// and its length, which a layer needs first, is known last.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "cimlib/layer_writer.h"

#include "base/bytes.h"
#include "os/file.h"

namespace cim::layer {

/// Keeps the data in a temporary file, one stream at a time, and the places of its ranges in
/// memory.
class SparseStaging {
 public:
  /// As for the ranges of sparse files in a tar.
  static constexpr std::size_t kMaxRanges = std::size_t{1} << 20;

  /// The file is created when it is needed, as a temporary file of `image` that garbage collection
  /// finds if the process is killed.
  explicit SparseStaging(std::filesystem::path image) : image_(std::move(image)) {}
  SparseStaging(const SparseStaging&) = delete;
  SparseStaging& operator=(const SparseStaging&) = delete;
  ~SparseStaging() { remove(); }

  /// Begins a new stream without data.
  void clear() noexcept;

  /// Begins a range of `size` bytes, which follow in append(). `record` is where it was found, for
  /// messages. The end of the range and the sum of all sizes must fit in 63 bits. Returns false if
  /// there are too many ranges.
  bool start_range(std::uint64_t offset, std::uint64_t size, std::uint64_t record);
  void append(ByteView bytes);

  /// Returns the size of all ranges together.
  std::uint64_t data_size() const noexcept { return data_size_; }

  /// Sorts the ranges. Returns the record of one that overlaps another; nullopt if none does.
  std::optional<std::uint64_t> sort();

  /// Writes the `length` bytes of the stream, once its ranges are sorted.
  void copy_to(LayerWriter& writer, std::uint64_t length) const;

  /// Removes the file.
  void remove() noexcept;

 private:
  struct Range {
    std::uint64_t offset;
    std::uint64_t size;
    std::uint64_t place;  // in the file
    std::uint64_t record;
  };

  std::filesystem::path image_;
  File file_;
  std::vector<Range> ranges_;    // none is empty
  std::uint64_t data_size_ = 0;  // of the ranges
  std::uint64_t end_ = 0;        // of the bytes in the file
};

}  // namespace cim::layer
