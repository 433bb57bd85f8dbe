// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Sparse files: only their data is stored, with a map of where it belongs. GNU tar has four forms,
// which bsdtar, Python and Go read as well: in the header and the blocks after it (type 'S'), in
// PAX records (0.0 and 0.1), and as text in front of the data (1.0).

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "tar/cursor.h"
#include "tar/header.h"
#include "tar/pax.h"

namespace cim::tar {

/// As many as Go's reader takes.
inline constexpr std::size_t kMaxDataRanges = std::size_t{1} << 20;

/// Where the data of a sparse file belongs, and how far the file has been read.
class SparseMap {
 public:
  void clear() noexcept;

  /// The next range of data. Returns what is wrong with it, or an empty text.
  std::string_view add(std::uint64_t offset, std::uint64_t size);
  /// After the last range: the size of the file, and of the data stored for it. Returns what is
  /// wrong with them, or an empty text.
  std::string_view finish(std::uint64_t file_size, std::uint64_t stored_size);

  /// The zeros between the present position and the next data or the end of the file.
  std::uint64_t hole_left() const noexcept;
  /// The bytes of the data at the present position; 0 in a hole.
  std::uint64_t data_left() const noexcept;
  /// Moves on within what hole_left() or data_left() returned.
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
  std::size_t range_ = 0;  // the one at the present position, or the next
};

// Each of these adds the ranges of one form and returns what is wrong, or an empty text.

/// The header's, and those of the blocks that follow it. Sets `file_size`.
std::string_view read_gnu_map(const HeaderBlock& block, Cursor& cursor, SparseMap& map,
                              std::uint64_t& file_size);
/// PAX 0.0: pairs of GNU.sparse.offset and GNU.sparse.numbytes; 0.1: GNU.sparse.map.
std::string_view read_pax_map(const PaxRecords& records, SparseMap& map);
/// PAX 1.0: whole blocks of decimal numbers, which are taken off `stored_size`.
std::string_view read_text_map(Cursor& cursor, SparseMap& map, std::uint64_t& stored_size);

}  // namespace cim::tar
