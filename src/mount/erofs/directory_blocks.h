// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Directories: blocks of entries and names, sorted by the bytes of the names.

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"
#include "mount/erofs/disk_structs.h"

namespace cim::mount::erofs {

/// The longest name that Linux allows.
inline constexpr std::size_t kMaxName = 255;

struct DirectoryChild {
  std::string name;
  std::uint64_t nid = 0;
  EntryType type = EntryType::kFile;
};

/// Computes how names fill blocks.
class DirectoryMeasure {
 public:
  explicit DirectoryMeasure(std::size_t block_size) noexcept : block_size_(block_size) {}

  /// Adds the next name. Returns true if it starts a block other than the first.
  bool add(std::size_t name_size) noexcept;

  /// Returns the number of bytes up to the end of the last name.
  std::uint64_t size() const noexcept { return before_ + used_; }

 private:
  std::size_t block_size_;
  std::uint64_t before_ = 0;  // of all blocks but the last
  std::size_t used_ = 0;      // of the last
};

/// Returns the bytes of a directory; every block but the last is padded with zeros. The children
/// must be sorted by name, include "." and "..", and have names of at most kMaxName bytes.
Bytes encode_directory(std::span<const DirectoryChild> children, std::size_t block_size);

}  // namespace cim::mount::erofs
