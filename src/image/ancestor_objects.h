// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The objects of the images that a fork starts from, found by their ids so that equal ones need no
// storing again.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/cached_file.h"
#include "base/sha256.h"
#include "format/header.h"
#include "format/region_offset.h"
#include "image/image_reader.h"

namespace cim {

/// Looks into the object id files where they are, a few entries for each question; a file that is
/// missing or no good only means that its objects are not found.
class AncestorObjects {
 public:
  AncestorObjects() = default;
  explicit AncestorObjects(const ImageReader& base);

  std::optional<format::RegionOffset> find(RegionType type, std::uint64_t length,
                                           const Sha256Digest& digest);

  /// Whether there is any object of that length.
  bool has_length(RegionType type, std::uint64_t length);

 private:
  struct Table {
    CachedFile file;
    RegionType type;
    std::uint16_t region;       // index among all regions of the base
    std::uint64_t region_size;  // no object reaches further
    std::uint64_t offset;       // of the entries in the file
    std::uint32_t count;
  };

  void open(const std::filesystem::path& path, std::uint16_t region, const Region& data);
  using ShortDigest = std::array<std::byte, 24>;  // what a table keeps of each

  static std::optional<format::ObjectIdEntry> first_from(Table& table, std::uint64_t length,
                                                         const ShortDigest& digest);
  static std::optional<format::RegionOffset> find_in(Table& table, std::uint64_t length,
                                                     const ShortDigest& digest);

  std::vector<Table> tables_;
};

}  // namespace cim
