// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Which directories of a fork have a name of files that lost one: a file's record names one that
// has, and the format has no way from a file to its names.

#include "image/read/directory_visits.h"
#include "image/read/image_reader.h"
#include "image/write/back_references.h"
#include "image/write/name_index.h"
#include "image/write/unmodified_directories.h"
#include "os/seeded_hash.h"

namespace cim {

/// Costs the back references that the base lists, if it does, and the names of the directories that
/// these and the lost files' records mention; otherwise what the base has. Reads each directory
/// once. All that it is given must outlive it.
class ParentFinder {
 public:
  /// `names` are those of the directories that the fork writes, `opened` those of these that the
  /// base has; files of the base have ids up to `base_max`.
  ParentFinder(const ImageReader& base, const NameIndex& names, const SeededSet<FileId>& opened,
               FileId base_max);

  /// A file to look for, and its parent of record.
  void add(FileId file, FileId parent);
  /// All files of the base that are in no directory that the fork leads to, as far as their record
  /// says.
  void add_orphans();

  /// Of each file that has a name still, a directory that has one: its parent, if that does.
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
  SeededSet<FileId> held_;  // files of the base that `names` have
  UnmodifiedDirectories unopened_;
  TableBudget budget_;
  BackReferences further_;
  SeededMap<FileId, FileId> parents_;  // of the files that are looked for
  SeededMap<FileId, FileId> holders_;
};

}  // namespace cim
