// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Finds a new parent for the files of a fork that lost one of their names. The parent in a file's
// record must be a directory that contains a name of the file, and the format has no references
// from a file to its names.

#include "image/read/directory_visits.h"
#include "image/read/image_reader.h"
#include "image/write/back_references.h"
#include "image/write/name_index.h"
#include "image/write/unmodified_directories.h"
#include "os/seeded_hash.h"

namespace cim {

/// Takes time proportional to the number of back references in the base and to the size of the
/// directories to which these and the records of the files refer; if the base has no back
/// references, to the size of the base. Reads each directory once. All arguments must outlive it.
class ParentFinder {
 public:
  /// `names` has the names of the directories that the fork writes, and `opened` lists those of
  /// them that are in the base. Files of the base have ids up to `base_max`.
  ParentFinder(const ImageReader& base, const NameIndex& names, const SeededSet<FileId>& opened,
               FileId base_max);

  /// Adds a file that needs a parent, and its recorded parent.
  void add(FileId file, FileId parent);
  /// Adds all files of the base whose recorded parent is not in the fork any more.
  void add_orphans();

  /// Returns, for each file that still has a name, a directory that contains one: its recorded
  /// parent if possible.
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
