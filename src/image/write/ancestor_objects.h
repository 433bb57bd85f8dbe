// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The objects of the images that a fork is based on, found by their ids so that equal ones are not
// stored again.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "format/header.h"
#include "format/region_offset.h"
#include "image/read/image_reader.h"
#include "image/write/object_index.h"
#include "os/cached_files.h"

namespace cim {

/// Finds objects of ancestors. The object id files are hints: their entries may be wrong, so the
/// caller compares the bytes; if a file is missing or unusable, its objects are just not found.
/// Small tables are read as a whole, because an image that was edited a thousand times has a
/// thousand of them; large ones are searched on disk, reading a few entries per lookup.
class AncestorObjects {
 public:
  AncestorObjects() = default;
  explicit AncestorObjects(std::shared_ptr<const ImageReader> base);

  /// Returns where an object of that length and id should be, in the nearest ancestor that lists
  /// one. Ids of other kinds, from Windows or older versions of this library, match none.
  std::optional<format::RegionOffset> find(RegionType type, std::uint64_t length,
                                           const format::ObjectId& id);

  /// Reads bytes of an object; returns false on failure.
  bool read(format::RegionOffset place, std::span<std::byte> into) const noexcept;

 private:
  static constexpr std::size_t kTypes = 3;

  // A table that is searched on disk.
  struct Table {
    std::size_t file;  // of files_
    RegionType type;
    std::uint16_t region;  // index among all regions of the base
    std::uint64_t offset;  // of the entries in the file
    std::uint32_t count;
  };

  void open(const std::filesystem::path& path, std::uint16_t region);
  void read_small(const File& file, std::uint64_t offset, std::uint32_t count,
                  std::uint16_t region);
  bool can_be(const format::ObjectIdEntry& entry, std::uint16_t region) const;
  std::optional<format::ObjectIdEntry> first_from(const Table& table,
                                                  const format::ObjectIdEntry& wanted);

  std::shared_ptr<const ImageReader> base_;
  std::array<ObjectIndex, kTypes> small_;  // all small tables of one type; by RegionOffset
  std::uint64_t small_entries_ = 0;
  CachedFiles files_;
  std::vector<Table> tables_;
};

}  // namespace cim
