// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Allocates space in a growing metadata image and writes it in large pieces.

#include <cstdint>

#include "base/bytes.h"
#include "os/file.h"

namespace cim::mount::erofs {

/// Inodes and whole blocks have separate segments, so that the inodes of a directory are stored
/// close together. Segments are allocated as needed, and allocated space does not move.
class MetadataFile {
 public:
  /// `file` must be empty. Throws kLimit, naming it, if it would become larger than `limit`.
  MetadataFile(File& file, unsigned block_bits, std::uint64_t limit);

  /// Reserves the start of the file. Must be called first.
  void reserve(std::uint64_t size);

  /// Allocates space for an inode: `head` bytes followed by `tail` bytes, less than a block, that
  /// must not cross a block boundary. can_hold() must be true for them.
  std::uint64_t place_inode(std::uint64_t head, std::uint64_t tail);
  bool can_hold(std::uint64_t head, std::uint64_t tail) const noexcept;

  /// Allocates space among the inodes, aligned to four bytes.
  std::uint64_t place_words(std::uint64_t size);

  /// Allocates consecutive blocks; returns the number of the first.
  std::uint32_t place_blocks(std::uint64_t count);

  /// Writes to allocated space, in any order.
  void write(std::uint64_t offset, ByteView bytes);

  /// Writes all buffered data and pads the last block; returns the number of blocks.
  std::uint32_t finish();

  std::size_t block_size() const noexcept { return std::size_t{1} << block_bits_; }
  unsigned block_bits() const noexcept { return block_bits_; }

 private:
  struct Segment {
    std::uint64_t begin = 0;
    std::uint64_t next = 0;  // free from here on
    std::uint64_t end = 0;
    Bytes buffer{};  // of the whole segment; empty for a very large one
  };

  /// Allocates space in the segment, or in a new one if it is full; returns the offset in the file.
  std::uint64_t take(Segment& segment, std::uint64_t size, std::uint64_t unit);
  /// Replaces the segment by one at the end of the file with at least that size.
  void renew(Segment& segment, std::uint64_t size);
  void flush(Segment& segment);
  /// Returns false if the offset is not in the segment's buffer.
  static bool write_into(Segment& segment, std::uint64_t offset, ByteView bytes);

  File& file_;
  unsigned block_bits_;
  std::uint64_t limit_;
  std::uint64_t end_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t segment_size_;
  Segment inodes_;
  Segment blocks_;
};

}  // namespace cim::mount::erofs
