// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The records of all files, and what a check keeps of them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "format/file_record.h"
#include "image/check/context.h"
#include "image/check/filesystem.h"
#include "os/seeded_hash.h"

namespace cim::image_check {

/// Twelve bytes for each file, so that there may be millions.
struct FileState {
  FileId parent = 0;  ///< as the record says
  FileId holder = 0;  ///< the directory in which it was found first
  bool is_there = false;
  bool is_directory = false;
  bool has_parent = false;  ///< whether the record has such a field
  bool is_reached = false;  ///< whether a name leads to it
  bool has_more_names = false;
  bool is_parent_right = false;  ///< whether its parent has a name for it
};

/// A directory whose names can be read.
struct DirectoryState {
  format::RegionOffset table;
  std::uint64_t length = 0;
  std::uint32_t path_units = 0;  ///< of its path, a separator before each name included
};

class FileMap {
 public:
  explicit FileMap(const CheckedFilesystem& filesystem);

  /// The file, or null if there is none of that id.
  FileState* find(FileId id);
  /// Nothing for one that is empty, broken, or no directory.
  DirectoryState* find_directory(FileId id);
  void add_directory(FileId id, const DirectoryState& directory) {
    directories_.emplace(id, directory);
  }

  /// The field of a record; the file must be there.
  Spot spot(FileId id, std::size_t field, const CheckedRegions& regions) const;

  /// All files that are there, in the order of their ids.
  void for_each(const std::function<void(FileId, FileState&)>& visit);

 private:
  const CheckedFilesystem& filesystem_;
  std::vector<std::vector<FileState>> tables_;
  SeededMap<FileId, DirectoryState> directories_;
};

/// Looks at every record and all that it refers to. Throws kUnsupported for a merged image.
FileMap check_records(const CheckedFilesystem& filesystem, Context& context);

}  // namespace cim::image_check
