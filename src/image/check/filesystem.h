// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The filesystem file, the filesystem object, and what that refers to: the upcase table, and the
// tables of files.

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "format/filesystem.h"
#include "format/header.h"
#include "format/link_table.h"
#include "image/check/context.h"

namespace cim::image_check {

/// Reads the filesystem file. Throws if it is not a filesystem file at all or has an unknown
/// version; returns nullopt if the header is too damaged to continue.
std::optional<format::FilesystemHeader> check_filesystem_file(const std::filesystem::path& image,
                                                              Findings& findings);

/// A table of files. One that cannot be read has no files.
struct CheckedFileTable {
  format::FileTable table;

  /// Returns the offset of a record; its slot must be less than the count.
  format::RegionOffset record(std::uint32_t slot) const {
    return format::RegionOffset(table.records.raw() + std::uint64_t{slot} * table.record_size);
  }
};

/// The tables that the filesystem object refers to, as far as they can be read.
struct CheckedFilesystem {
  /// The table for comparing names: the image's or, if that is damaged, that of Windows.
  std::unique_ptr<const format::UpcaseTable> upcase;
  std::vector<CheckedFileTable> tables;
  FileId root = 0;
  Spot root_spot;  ///< of the field
};

/// Returns nullopt if the filesystem object cannot be read at `offset`, which is stored at `spot`.
std::optional<CheckedFilesystem> check_filesystem(format::RegionOffset offset, const Spot& spot,
                                                  Context& context);

}  // namespace cim::image_check
