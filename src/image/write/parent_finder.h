// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Finds the directories of a fork that hold names of files which lost one: a file's record must
// name such a directory, and the format can't lead from a file to its names.

#include "image/read/directory_visits.h"
#include "image/read/image_reader.h"
#include "image/write/back_references.h"
#include "image/write/name_index.h"
#include "image/write/unmodified_directories.h"
#include "os/seeded_hash.h"

namespace cim {

/// Takes time in proportion to the back references that the base lists and to the names of the
/// directories that these and the records of the lost files mention; to the whole base if it lists
/// none. Reads each directory once. All arguments must outlive it.
class ParentFinder {
 public:
  /// `names` holds the names of the directories that the fork writes, `opened` those of these
  /// directories that the base has; files of the base have ids up to `base_max`.
  ParentFinder(const ImageReader& base, const NameIndex& names, const SeededSet<FileId>& opened,
               FileId base_max);

  /// Adds a file to look for, and its parent of record.
  void add(FileId file, FileId parent);
  /// Adds all files of the base whose parent of record is a directory that the fork doesn't lead
  /// to.
  void add_orphans();

  /// Returns, for each file that still has a name, a directory that holds one: its parent of record
  /// if possible.
  SeededMap<FileId, FileId> find();

 private:
  void find_in_names();
  void search_likely_directories();
  void search_base();
  void search(FileId directory, const format::FileRecord& record);
  void hold(FileId file, FileId directory);

  const ImageReader& base_;
  const NameIndex& names_;
  const SeededSet<FileId>& opened_;
  SeededSet<FileId> held_;  // files of the base that have an entry in `names`
  UnmodifiedDirectories unopened_;
  TableBudget budget_;
  BackReferences further_;
  SeededMap<FileId, FileId> parents_;  // of the files to look for
  SeededMap<FileId, FileId> holders_;
};

}  // namespace cim
