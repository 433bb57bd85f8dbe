// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The records of all files, and the state that a check keeps for each.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "format/file_record.h"
#include "image/check/context.h"
#include "image/check/filesystem.h"
#include "os/seeded_hash.h"

namespace cim::image_check {

/// The state of one file. It has only twelve bytes, because there may be millions of files.
struct FileState {
  FileId parent = 0;      ///< according to the record
  FileId holder = 0;      ///< the first directory in which a name of it was found
  bool is_there = false;  ///< true if the slot has a record
  bool is_directory = false;
  bool has_parent = false;  ///< true if the record has such a field
  bool is_reached = false;  ///< true if a name refers to it
  bool has_more_names = false;
  bool is_parent_right = false;  ///< true if its parent has a name for it
};

/// A directory whose names can be read.
struct DirectoryState {
  format::RegionOffset table;
  std::uint64_t length = 0;
  std::uint32_t path_units = 0;  ///< of its path, including a separator before each name
};

/// The states of all files, by table, so that an id leads to its state without a search.
class FileMap {
 public:
  explicit FileMap(const CheckedFilesystem& filesystem);

  /// Returns the file of that id, or null.
  FileState* find(FileId id);
  /// Returns null if the directory is empty or damaged, or the file is not a directory.
  DirectoryState* find_directory(FileId id);
  void add_directory(FileId id, const DirectoryState& directory) {
    directories_.emplace(id, directory);
  }

  /// Returns the spot of a field of a record; the file must exist.
  Spot spot(FileId id, std::size_t field, const CheckedRegions& regions) const;

  /// Visits all files that exist, in the order of their ids.
  void for_each(const std::function<void(FileId, FileState&)>& visit);

 private:
  const CheckedFilesystem& filesystem_;
  std::vector<std::vector<FileState>> tables_;
  SeededMap<FileId, DirectoryState> directories_;
};

/// Checks every record and everything that it refers to. Throws kUnsupported for a merged image.
FileMap check_records(const CheckedFilesystem& filesystem, Context& context);

/// Follows all names and reports files to which no name refers.
void check_tree(const CheckedFilesystem& filesystem, FileMap& files, Context& context);

/// Adds paths to the findings about files that have names.
void find_paths(FileMap& files, const CheckedFilesystem& filesystem, Context& context);

}  // namespace cim::image_check
