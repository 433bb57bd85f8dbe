// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reads a few bytes at scattered offsets of many files, which must not change meanwhile.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "os/file.h"
#include "os/seeded_hash.h"

namespace cim {

/// Caches the blocks that it has read: a binary search visits the same places each time, and a
/// system call for each visit costs more than everything else. At most 4 MiB are cached and 16
/// files are open, over all files. For one thread.
class CachedFiles {
 public:
  static constexpr std::size_t kMostOpen = 16;

  /// Adds a file and returns its number, counted from 0. Throws as File::open_read_unlinked.
  std::size_t add(const std::filesystem::path& path);

  std::uint64_t size(std::size_t file) const { return entries_[file].size; }

  /// Fills the whole buffer. Throws as File::open_read_unlinked and File::read_at.
  void read_at(std::size_t file, std::uint64_t offset, std::span<std::byte> into);

 private:
  static constexpr std::size_t kBlockSize = 4096;
  static constexpr std::size_t kMostBlocks = 1024;
  using Block = std::array<std::byte, kBlockSize>;

  // A file that was added; it is opened when needed and may be closed again.
  struct Entry {
    std::filesystem::path path;
    std::uint64_t size = 0;
    std::optional<File> file;
  };

  const File& open(std::size_t file);
  const Block& block(std::size_t file, std::uint64_t index);

  std::vector<Entry> entries_;
  std::deque<std::size_t> open_;  // in the order in which they were opened
  SeededMap<std::uint64_t, Block> blocks_;
};

}  // namespace cim
