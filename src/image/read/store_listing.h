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

/// The parts of the name of a region file or an object id file. These are the files beside a
/// filesystem file, which have generated names.
struct PartName {
  ImageFileKind kind = ImageFileKind::kRegion;
  Guid region_set;
  unsigned index = 0;
};

/// Parses "region_GUID_N" and "objectid_GUID_N", exactly as writers spell them; nullopt for other
/// names.
std::optional<PartName> parse_part_name(std::string_view name);
/// The same for names in any case, as files have that were copied from Windows by some tools.
std::optional<PartName> parse_part_name_ignoring_case(std::string_view name);

/// Returns true for a regular file (not a link) that starts with the header of a file of that kind
/// or consists of zeros so far. Throws if it cannot be read.
bool is_part(const std::filesystem::path& file, ImageFileKind kind);

/// Returns true for names that AtomicFile makes: ".NAME.GUID.tmp".
bool is_temporary_name(std::string_view name);

/// A filesystem file and the content of its header.
struct ImageHeader {
  std::filesystem::path path;
  format::FilesystemHeader header;

  /// Returns true if the image needs files of that region set.
  bool names(const Guid& region_set) const;
};

/// Returns the entries of a directory, sorted by name.
std::vector<std::filesystem::directory_entry> entries_of(const std::filesystem::path& directory);

/// Returns all filesystem files in a directory, sorted by name. Throws if a file might be one but
/// cannot be read as one: if it is named like an image without being one, or its header is damaged.
std::vector<ImageHeader> list_store(const std::filesystem::path& directory);

}  // namespace cim
