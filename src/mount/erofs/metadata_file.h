// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The growing metadata image: where in it the next thing goes, and writing in large pieces.

#include <cstdint>

#include "base/bytes.h"
#include "os/file.h"

namespace cim::mount::erofs {

/// Inodes and whole blocks each fill segments of their own, so that inodes of one directory lie
/// side by side; segments follow one another as they are needed, and what was placed once stays.
class MetadataFile {
 public:
  /// To an empty file; throws kLimit, naming it, when it would become larger than `limit`.
  MetadataFile(File& file, unsigned block_bits, std::uint64_t limit);

  /// Takes the start of the file, before all else.
  void reserve(std::uint64_t size);

  /// Place for an inode: `head` bytes and behind them `tail` bytes, less than a block, that lie in
  /// one block; head and tail must be such that can_hold() them.
  std::uint64_t place_inode(std::uint64_t head, std::uint64_t tail);
  bool can_hold(std::uint64_t head, std::uint64_t tail) const noexcept;

  /// Place for something among the inodes that begins at a multiple of four.
  std::uint64_t place_words(std::uint64_t size);

  /// Place for blocks one after another; returns the number of the first.
  std::uint32_t place_blocks(std::uint64_t count);

  void write(std::uint64_t offset, ByteView bytes);

  /// Writes what is left and fills the last block; returns how many blocks there are.
  std::uint32_t finish();

  std::size_t block_size() const noexcept { return std::size_t{1} << block_bits_; }
  unsigned block_bits() const noexcept { return block_bits_; }

 private:
  struct Segment {
    std::uint64_t begin = 0;
    std::uint64_t next = 0;  // free from here on
    std::uint64_t end = 0;
    Bytes buffer{};  // of the whole segment; none for a very large one
  };

  std::uint64_t take(Segment& segment, std::uint64_t size, std::uint64_t unit);
  void renew(Segment& segment, std::uint64_t size);
  void flush(Segment& segment);
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
