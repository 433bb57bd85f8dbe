// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// How many names each file of an image has, which the format does not store.

#include <cstdint>
#include <utility>
#include <vector>

#include "cimlib/image.h"

namespace cim::mount {

/// Made by going through all directories once, about a microsecond a name (bench/ has figures);
/// afterwards eight bytes for every file with more than one name. Directories that can't be read
/// count for nothing, and an image with more names than kMaxCountedNames has one for every file.
class LinkCounts {
 public:
  /// Damaged images can hold one table in many directories, so that the names have no end.
  static constexpr std::size_t kMaxCountedNames = std::size_t{1} << 24;

  explicit LinkCounts(const Image& image);

  /// 1 for directories.
  std::uint32_t of(FileId file) const noexcept;

 private:
  std::vector<std::pair<FileId, std::uint32_t>> several_;  // ascending
};

}  // namespace cim::mount
