// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files, directories and names of an image under construction, as changes to the image that it
// is based on. Only the changed parts of that image are in memory.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/file_info.h"
#include "cimlib/image_path.h"

#include "base/upcase.h"
#include "format/file_record.h"
#include "image/read/image_reader.h"
#include "image/read/lookup_cursor.h"
#include "image/write/name_index.h"
#include "os/seeded_hash.h"

namespace cim {

/// Orders names as link tables do.
struct BeforeIgnoringCase {
  using is_transparent = void;
  bool operator()(std::u16string_view a, std::u16string_view b) const noexcept {
    return compare_ignoring_case(a, b) < 0;
  }
};

/// Alternate streams of one file, by name as written, in the order of a stream table.
using NamedStreams = std::map<std::u16string, format::Stream, BeforeIgnoringCase>;

/// The state of an image between its base and its commit. Paths are looked up ignoring case. A
/// directory of the base is "opened" when its names first change: all of them are then copied to
/// names(), and the directory is written anew. Records are changed the same way, one at a time.
class Tree {
 public:
  /// Creates a tree with only a root directory, which has the given record.
  explicit Tree(const format::FileRecord& root);
  /// Creates a tree with the contents of `base`.
  explicit Tree(std::shared_ptr<const ImageReader> base);

  FileId root() const noexcept { return root_; }

  /// Returns the file of a path; nullopt if it does not exist.
  std::optional<FileId> find(const ImagePath& path) const;

  /// Returns the directory that contains the path's last name. Throws kNotFound if it is missing,
  /// kInvalidArgument if it is not a directory or the path is the root, which has no name.
  FileId parent_of(const ImagePath& path) const;

  /// Adds a new file or directory under the path's name, which must be free.
  FileId add(const ImagePath& path, const format::FileRecord& record);

  /// Gives a file another name.
  void link(const ImagePath& path, FileId file);

  /// Replaces the name of a file or directory, which must exist, by one that is free. Everything
  /// below a directory moves with it; nothing is read but the two directories that change.
  void rename(const ImagePath& from, const ImagePath& to);

  /// Removes a name and, with the name of a directory, everything below it.
  void remove(const ImagePath& path);

  format::FileRecord record(FileId id) const;
  /// Returns the record for modification.
  format::FileRecord& mutable_record(FileId id);

  /// Returns the alternate streams of a file for modification. Throws kCorrupt if the base has two
  /// of one name.
  NamedStreams& streams(FileId id);
  /// Returns the streams of the files that streams() was called for.
  std::map<FileId, NamedStreams>& changed_streams() noexcept { return streams_; }

  /// Returns the base's last id, 0 without a base; larger ids are new.
  FileId base_max_id() const noexcept { return base_max_id_; }
  FileId max_id() const noexcept { return base_max_id_ + static_cast<FileId>(new_files_.size()); }
  /// Returns true if a new file still has a name.
  bool is_alive(FileId new_id) const { return new_files_[new_id - base_max_id_ - 1].links != 0; }
  /// Returns the records of the base that mutable_record() was called for.
  const std::map<FileId, format::FileRecord>& changed_records() const noexcept { return changed_; }

  /// Returns true if a file of the base got another name.
  bool is_linked(FileId id) const { return linked_.contains(id); }

  /// Returns true if a directory of the base is in another directory now.
  bool is_moved(FileId id) const { return moved_.contains(id); }

  /// Returns the names of all directories that are new or changed.
  const NameIndex& names() const noexcept { return names_; }
  /// Returns the directories whose names are all in names().
  std::vector<FileId> changed_directories() const;

  /// Changes the recorded parent of every file that lost its name there to a directory that
  /// contains one of its names. `written_id` maps a directory's id to the one that is written.
  void fix_parents(const std::function<FileId(FileId)>& written_id);

  const ImageReader* base() const noexcept { return base_.get(); }

 private:
  struct NewFile {
    format::FileRecord record;
    std::uint32_t links = 0;  // number of its names; 0 once it was removed
  };

  bool is_new(FileId id) const noexcept { return id > base_max_id_; }
  bool is_open(FileId directory) const { return is_new(directory) || opened_.contains(directory); }
  std::optional<FileId> find_child(FileId directory, std::u16string_view name) const;
  std::optional<FileId> follow(const ImagePath& path, std::size_t count) const;
  FileId open_parent_of(const ImagePath& path);
  void unlink(NameIndex::EntryId entry);
  void remove_below(FileId directory);
  bool may_have_names(FileId id) const;

  std::shared_ptr<const ImageReader> base_;
  FileId base_max_id_ = 0;
  FileId root_ = 1;
  mutable LookupCursor cursor_{root_};  // only makes lookups faster
  std::map<FileId, format::FileRecord> changed_;
  std::deque<NewFile> new_files_;  // their ids follow those of the base, in order
  NameIndex names_;
  SeededSet<FileId> opened_;  // directories of the base whose names are in names_
  // Directories of the base that were opened or are above one that was, by their parent directory.
  SeededMap<FileId, SeededSet<FileId>> opened_below_;
  SeededSet<FileId> lost_a_name_;    // files of the base that lost a name
  SeededSet<FileId> linked_;         // files of the base that got a name
  SeededMap<FileId, FileId> moved_;  // directories of the base, to the one they are in now
  bool lost_unread_directory_ =
      false;  // a directory of the base was removed whose files were never read
  std::map<FileId, NamedStreams> streams_;
};

}  // namespace cim
