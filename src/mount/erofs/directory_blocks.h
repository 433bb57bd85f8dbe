// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Directories: blocks of entries and names, all in the order of the names' bytes.

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"
#include "mount/erofs/disk_structs.h"

namespace cim::mount::erofs {

/// The longest name that Linux knows.
inline constexpr std::size_t kMaxName = 255;

struct DirectoryChild {
  std::string name;
  std::uint64_t nid = 0;
  EntryType type = EntryType::kFile;
};

/// How names fill blocks.
class DirectoryMeasure {
 public:
  explicit DirectoryMeasure(std::size_t block_size) noexcept : block_size_(block_size) {}

  /// Takes the next name; returns whether a block starts with it that isn't the first.
  bool add(std::size_t name_size) noexcept;

  /// Bytes up to the end of the last name.
  std::uint64_t size() const noexcept { return before_ + used_; }

 private:
  std::size_t block_size_;
  std::uint64_t before_ = 0;  // of all blocks but the last
  std::size_t used_ = 0;      // of the last
};

/// The directory's bytes; every block but the last is filled with zeros. The children must be in
/// the order of their names, "." and ".." among them, each of at most kMaxName bytes.
Bytes encode_directory(std::span<const DirectoryChild> children, std::size_t block_size);

}  // namespace cim::mount::erofs
