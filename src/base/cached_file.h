// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reading a few bytes here and there of a file that does not change.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/file.h"
#include "base/seeded_hash.h"

namespace cim {

/// Keeps blocks that it has read, up to 4 MiB of them: a search that halves its range comes by the
/// same places each time, and a system call for each costs more than all the rest. For one thread.
class CachedFile {
 public:
  explicit CachedFile(File file);

  std::uint64_t size() const noexcept { return size_; }

  /// Fills the whole buffer; throws as File::read_at.
  void read_at(std::uint64_t offset, std::span<std::byte> into);

 private:
  static constexpr std::size_t kBlockSize = 4096;
  static constexpr std::size_t kMostBlocks = 1024;
  using Block = std::array<std::byte, kBlockSize>;

  const Block& block(std::uint64_t index);

  File file_;
  std::uint64_t size_;
  SeededMap<std::uint64_t, Block> blocks_;
};

}  // namespace cim
