// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The positions of a hive's cells, found in one pass over bins and cells; checking a pointer then
// takes one bit test.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "registry/format/cells.h"
#include "registry/format/finding.h"

namespace cim::registry {

/// A bit set with one bit for each position at which a cell can start.
class CellSet {
 public:
  explicit CellSet(std::size_t bins_size) : words_(bins_size / kCellAlignment / 64 + 1) {}

  bool contains(std::uint32_t pointer) const noexcept {
    return (words_[word(pointer)] >> bit(pointer) & 1) != 0;
  }
  /// Returns false if the set already contained it.
  bool insert(std::uint32_t pointer) noexcept {
    std::uint64_t& bits = words_[word(pointer)];
    const std::uint64_t added = bits | std::uint64_t{1} << bit(pointer);
    return std::exchange(bits, added) != added;
  }

 private:
  static std::size_t word(std::uint32_t pointer) noexcept { return pointer / kCellAlignment / 64; }
  static unsigned bit(std::uint32_t pointer) noexcept { return pointer / kCellAlignment % 64; }

  std::vector<std::uint64_t> words_;
};

/// Copies a structure out of bytes that are known to contain it.
template <DiskStruct T>
T load(ByteView bytes, std::size_t offset) noexcept {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

/// Returns the data of the cell at `pointer`, which is known to be a cell.
inline ByteView cell_data(ByteView bins, std::uint32_t pointer) noexcept {
  const auto size =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(load<Le32>(bins, pointer)));
  const auto whole = static_cast<std::size_t>(size < 0 ? -static_cast<std::int64_t>(size) : size);
  return bins.subspan(pointer + kCellHeaderSize, whole - kCellHeaderSize);
}

/// The cells of the bins data; keeps a view of its bytes.
class CellMap {
 public:
  /// Reports damaged bins and cells to `sink`. If that returns, the rest of a damaged bin is
  /// treated as having no cells.
  CellMap(ByteView bins, FindingSink& sink);

  ByteView bins() const noexcept { return bins_; }

  bool is_allocated(std::uint32_t pointer) const noexcept {
    return pointer % kCellAlignment == 0 && pointer < bins_.size() && allocated_.contains(pointer);
  }
  /// Returns why a pointer is not that of an allocated cell.
  std::string_view fault_of(std::uint32_t pointer) const noexcept;

  template <typename Visit>
  void for_each_allocated(Visit&& visit) const {
    for (std::uint64_t at = 0; at < bins_.size(); at += kCellAlignment) {
      const auto pointer = static_cast<std::uint32_t>(at);
      if (allocated_.contains(pointer)) {
        visit(pointer);
      }
    }
  }

 private:
  void scan_bins(FindingSink& sink);
  std::uint32_t bin_size_at(std::uint64_t offset, FindingSink& sink) const;
  void scan_cells(std::uint64_t begin, std::uint64_t end, FindingSink& sink);

  ByteView bins_;
  CellSet allocated_;
  CellSet free_;
};

}  // namespace cim::registry
