// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files and directories of an image under construction, with their names.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/file_info.h"
#include "cimlib/image_path.h"

#include "format/file_record.h"
#include "image/name_index.h"

namespace cim {

/// Alternate streams of one file, by name as written.
struct NamedStream {
  std::u16string name;
  format::Stream stream;
};

class Tree {
 public:
  /// A root directory with the record given.
  explicit Tree(const format::FileRecord& root);

  static constexpr FileId kRoot = 1;

  /// The file of a path, or nothing.
  std::optional<FileId> find(const ImagePath& path) const;

  /// The directory that holds the path's last name. Throws kNotFound if it is missing,
  /// kInvalidArgument if it is no directory; and for the root, which has no name.
  FileId parent_of(const ImagePath& path) const;

  /// Puts a new file or directory under the path's name, which nothing may have.
  FileId add(const ImagePath& path, const format::FileRecord& record);

  /// Another name for a file.
  void link(const ImagePath& path, FileId file);

  /// Takes a name away and, with the last name of a directory, all below it.
  void remove(const ImagePath& path);

  format::FileRecord& record(FileId id) { return nodes_[id - 1].record; }
  const format::FileRecord& record(FileId id) const { return nodes_[id - 1].record; }
  /// Whether the file has a name still.
  bool is_alive(FileId id) const { return nodes_[id - 1].links != 0; }
  FileId max_id() const noexcept { return static_cast<FileId>(nodes_.size()); }

  std::vector<NamedStream>& streams(FileId id) { return streams_[id]; }
  std::map<FileId, std::vector<NamedStream>>& all_streams() noexcept { return streams_; }
  void drop_streams(FileId id) { streams_.erase(id); }

  const NameIndex& names() const noexcept { return names_; }

 private:
  struct Node {
    format::FileRecord record;
    std::uint32_t links = 0;
  };

  void unlink(NameIndex::EntryId entry);
  std::vector<NameIndex::EntryId> entries_of(FileId directory) const;

  std::deque<Node> nodes_;  // a file's id is its place plus one
  NameIndex names_;
  std::map<FileId, std::vector<NamedStream>> streams_;
};

}  // namespace cim
