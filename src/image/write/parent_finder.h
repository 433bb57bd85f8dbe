// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Finds a new parent for the files of a fork that lost one of their names. The parent in a file's
// record must be a directory that contains a name of the file, and the format has no references
// from a file to its names. Three steps: what the base records about names in other directories
// (BackReferences), which directories of the base the fork still contains (UnmodifiedDirectories),
// and the search itself (ParentFinder).

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "format/header.h"
#include "image/read/directory_visits.h"
#include "image/read/image_reader.h"
#include "image/write/name_index.h"
#include "os/seeded_hash.h"

namespace cim {

/// The files of an image that have names in directories other than their recorded parent, which the
/// format itself does not record. Reads the lists that follow the object ids of an image's
/// metadata regions. They are hints: a listed name may no longer exist.
class BackReferences {
 public:
  explicit BackReferences(const ImageReader& image);

  /// Returns true if every region set has its list. Otherwise any file may have names that are not
  /// listed.
  bool is_complete() const noexcept { return is_complete_; }

  /// Visits all listed names, reading sequentially.
  void for_each(const std::function<void(const format::BackReference&)>& visit) const;

 private:
  // The list in one object id file.
  struct List {
    std::filesystem::path path;
    std::uint64_t offset = 0;  // of the first name
    std::uint32_t count = 0;
  };

  bool add_list(const std::filesystem::path& path);

  std::vector<List> lists_;
  bool is_complete_ = true;
};

/// The names that a fork writes itself. The members must outlive this object.
struct ForkNames {
  const NameIndex& names;           ///< of the directories that the fork writes
  const SeededSet<FileId>& opened;  ///< those of them that are in the base
  /// Directories of the base that are in another one now, and the latter.
  const SeededMap<FileId, FileId>& moved;
};

/// The directories of the base that a fork still contains and has not modified.
class UnmodifiedDirectories {
 public:
  /// The base must outlive this object.
  UnmodifiedDirectories(const ImageReader& base, const ForkNames& fork)
      : base_(base), fork_(fork) {}

  using Visitor = std::function<void(FileId, const format::FileRecord&)>;

  /// Returns true if the fork still contains a directory of the base, modified or not.
  bool leads_to(FileId directory) { return is_reached(directory); }

  /// Reads every file table once, and visits every such directory that has names.
  void for_each(const Visitor& visit);

 private:
  bool is_reached(FileId directory);
  bool is_in(FileId file, FileId written_directory);

  const ImageReader& base_;
  ForkNames fork_;
  SeededMap<FileId, SeededSet<FileId>> files_in_;  // of some directories that the fork writes
  SeededMap<FileId, bool> reached_;
};

/// Takes time proportional to the number of back references in the base and to the size of the
/// directories to which these and the records of the files refer; if the base has no back
/// references, to the size of the base. Reads each directory once. The base must outlive it.
class ParentFinder {
 public:
  ParentFinder(const ImageReader& base, const ForkNames& fork);

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
  void assign(FileId file, FileId directory);

  const ImageReader& base_;
  ForkNames fork_;
  UnmodifiedDirectories unopened_;
  TableBudget budget_;
  BackReferences back_references_;
  SeededMap<FileId, FileId> parents_;  // of the files to look for
  SeededMap<FileId, FileId> directories_of_;
};

}  // namespace cim
