// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files and directories of an image under construction, with their names: what is new, over
// what the image that it starts from has. Of that image only what is touched is held here.

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

struct BeforeIgnoringCase {
  using is_transparent = void;
  bool operator()(std::u16string_view a, std::u16string_view b) const noexcept {
    return compare_ignoring_case(a, b) < 0;
  }
};

/// Alternate streams of one file, by name as written, in the order of a stream table.
using NamedStreams = std::map<std::u16string, format::Stream, BeforeIgnoringCase>;

class Tree {
 public:
  /// Nothing but a root directory with the record given.
  explicit Tree(const format::FileRecord& root);
  /// What `base` has.
  explicit Tree(std::shared_ptr<const ImageReader> base);

  FileId root() const noexcept { return root_; }

  /// The file of a path, or nothing.
  std::optional<FileId> find(const ImagePath& path) const;

  /// The directory that holds the path's last name. Throws kNotFound if it is missing,
  /// kInvalidArgument if it is no directory; and for the root, which has no name.
  FileId parent_of(const ImagePath& path) const;

  /// Puts a new file or directory under the path's name, which nothing may have.
  FileId add(const ImagePath& path, const format::FileRecord& record);

  /// Another name for a file.
  void link(const ImagePath& path, FileId file);

  /// Takes a name away and, with the name of a directory, all below it.
  void remove(const ImagePath& path);

  format::FileRecord record(FileId id) const;
  /// The record, to be changed.
  format::FileRecord& mutable_record(FileId id);

  /// The alternate streams of a file, to be changed. Throws kCorrupt if the base has two of one
  /// name.
  NamedStreams& streams(FileId id);
  /// Those of files that streams() was called for.
  std::map<FileId, NamedStreams>& changed_streams() noexcept { return streams_; }

  /// The base's last id; ids from the next on are new. 0 without a base.
  FileId base_max_id() const noexcept { return base_max_id_; }
  FileId max_id() const noexcept { return base_max_id_ + static_cast<FileId>(new_files_.size()); }
  /// Whether a new file has a name still.
  bool is_alive(FileId new_id) const { return new_files_[new_id - base_max_id_ - 1].links != 0; }
  /// Records of the base that change() was called for.
  const std::map<FileId, format::FileRecord>& changed_records() const noexcept { return changed_; }

  /// Whether a file of the base got another name.
  bool is_linked(FileId id) const { return linked_.contains(id); }

  /// The names of all directories that are new or changed.
  const NameIndex& names() const noexcept { return names_; }
  /// Directories whose names are all in names().
  std::vector<FileId> changed_directories() const;

  /// Gives every file whose directory of record lost it another one that holds it, by the id that
  /// `written_id` says the directory will have.
  void fix_parents(const std::function<FileId(FileId)>& written_id);

  const ImageReader* base() const noexcept { return base_.get(); }

 private:
  struct NewFile {
    format::FileRecord record;
    std::uint32_t links = 0;
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
  mutable LookupCursor cursor_{root_};  // only makes finding faster
  std::map<FileId, format::FileRecord> changed_;
  std::deque<NewFile> new_files_;  // ids after those of the base, in order
  NameIndex names_;
  SeededSet<FileId> opened_;  // directories of the base whose names are in names_
  // Directories of the base that were opened or lead to one that was, by the one above them.
  SeededMap<FileId, SeededSet<FileId>> above_opened_;
  SeededSet<FileId> astray_;    // files of the base that lost a name
  SeededSet<FileId> linked_;    // files of the base that got one
  bool lost_unopened_ = false;  // a directory of the base, whose files nobody looked at
  std::map<FileId, NamedStreams> streams_;
};

}  // namespace cim
