// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Sparse files: only their data are stored, with a map of their places in the file. GNU tar has
// four forms, which bsdtar, Python and Go read as well: in the header and the blocks after it (type
// 'S'), in PAX records (0.0 and 0.1), and as text before the data (1.0).

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "tar/header.h"
#include "tar/pax.h"
#include "tar/source.h"

namespace cim::tar {

/// The limit of Go's reader.
inline constexpr std::size_t kMaxDataRanges = std::size_t{1} << 20;

/// The ranges of a sparse file that hold data, and the current position in the file.
class SparseMap {
 public:
  void clear() noexcept;

  /// Adds the next range of data. Returns what is wrong with it; empty if nothing is.
  std::string_view add(std::uint64_t offset, std::uint64_t size);
  /// Called after the last range, with the size of the file and of the data stored for it. Returns
  /// what is wrong with them; empty if nothing is.
  std::string_view finish(std::uint64_t file_size, std::uint64_t stored_size);

  /// Returns the number of zeros between the current position and the next data or the end of the
  /// file.
  std::uint64_t hole_left() const noexcept;
  /// Returns the number of bytes of data at the current position; 0 in a hole.
  std::uint64_t data_left() const noexcept;
  /// Advances by at most what hole_left() or data_left() returned.
  void advance(std::uint64_t size) noexcept;

 private:
  struct Range {
    std::uint64_t offset;
    std::uint64_t end;
  };

  std::vector<Range> ranges_;  // in order, none empty
  std::uint64_t data_size_ = 0;
  std::uint64_t file_size_ = 0;
  std::uint64_t position_ = 0;
  std::size_t range_ = 0;  // the range at the current position, or the next one
};

// Each of these adds the ranges of one form and returns what is wrong; empty if nothing is.

/// Reads the ranges of the header and of the blocks that follow it. Sets `file_size`.
std::string_view read_gnu_map(const HeaderBlock& block, Cursor& cursor, SparseMap& map,
                              std::uint64_t& file_size);
/// Reads form 0.0, pairs of GNU.sparse.offset and GNU.sparse.numbytes, or 0.1, GNU.sparse.map.
std::string_view read_pax_map(const PaxRecords& records, SparseMap& map);
/// Reads form 1.0, whole blocks of decimal numbers, whose size is subtracted from `stored_size`.
std::string_view read_text_map(Cursor& cursor, SparseMap& map, std::uint64_t& stored_size);

}  // namespace cim::tar
