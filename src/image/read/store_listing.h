// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The images of one directory, which may share region sets, and the names of their files.

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "cimlib/gc.h"
#include "cimlib/guid.h"

#include "format/header.h"

namespace cim {

/// What the name of a region file or an object id file says.
struct PartName {
  ImageFileKind kind = ImageFileKind::kRegion;
  Guid region_set;
  unsigned index = 0;
};

/// Reads "region_GUID_N" and "objectid_GUID_N", exactly as writers spell them; else nothing.
std::optional<PartName> parse_part_name(std::string_view name);

/// Whether the entry is a regular file, no link, and starts as a file of that kind does or with
/// nothing but zeros. What can't be read is not.
bool is_part(const std::filesystem::directory_entry& entry, ImageFileKind kind);

/// Whether AtomicFile makes such names: ".NAME.GUID.tmp".
bool is_temporary_name(std::string_view name);

/// A filesystem file and what its header says.
struct ImageHeader {
  std::filesystem::path path;
  format::FilesystemHeader header;

  /// Whether the image needs files of that region set.
  bool names(const Guid& region_set) const;
};

/// What lies in a directory, sorted by name.
std::vector<std::filesystem::directory_entry> entries_of(const std::filesystem::path& directory);

/// All filesystem files in a directory, sorted by name. Throws for a file that might be one and
/// can't be read as one: named like an image without being one, or with a header that is broken.
std::vector<ImageHeader> list_store(const std::filesystem::path& directory);

}  // namespace cim
