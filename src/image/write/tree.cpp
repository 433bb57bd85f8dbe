// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A directory of the base is opened when a name in it changes: all of its names are copied into
// names_, and it is written anew at the end. All other directories remain objects of the base. A
// file that loses a name may have others in directories that were never opened; fix_parents() deals
// with all such files at once.
#include "image/write/tree.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/utf16.h"
#include "image/write/parent_finder.h"

namespace cim {

Tree::Tree(const format::FileRecord& root) {
  new_files_.push_back({root, 1});
  new_files_.front().record.parent = root_;
}

Tree::Tree(std::shared_ptr<const ImageReader> base)
    : base_(std::move(base)), base_max_id_(base_->max_file_id()), root_(base_->root()) {}

std::optional<FileId> Tree::find_child(FileId directory, std::u16string_view name) const {
  if (is_open(directory)) {
    const auto entry = names_.find(directory, name);
    return entry ? std::optional(names_.file(*entry)) : std::nullopt;
  }
  const auto base_record = record(directory);
  if (!base_record.is_directory()) {
    return std::nullopt;
  }
  const auto table = base_->directory(directory, base_record);
  const auto index = table->find(name, base_->upcase());
  return index ? std::optional(table->file_id(*index)) : std::nullopt;
}

// Returns the file that the first `count` names of a path lead to.
std::optional<FileId> Tree::follow(const ImagePath& path, std::size_t count) const {
  for (std::size_t i = cursor_.seek(path, count); i < count; ++i) {
    const std::u16string& name = path.names()[i];
    const auto child = find_child(cursor_.last(), name);
    if (!child) {
      return std::nullopt;
    }
    cursor_.push(name, *child);
  }
  return cursor_.last();
}

std::optional<FileId> Tree::find(const ImagePath& path) const {
  return follow(path, path.names().size());
}

FileId Tree::parent_of(const ImagePath& path) const {
  if (path.is_root()) {
    throw Error(ErrorCode::kInvalidArgument, path.to_string(), "the root cannot be linked");
  }
  const auto directory = follow(path, path.names().size() - 1);
  if (!directory) {
    throw Error(ErrorCode::kNotFound, path.parent().to_string(),
                "its parent directory does not exist");
  }
  if (!record(*directory).is_directory()) {
    throw Error(ErrorCode::kInvalidArgument, path.to_string(), "its parent is not a directory");
  }
  return *directory;
}

// Returns the directory that holds the path's last name and is about to change. It is written anew,
// so all of its names are held from now on.
FileId Tree::open_parent_of(const ImagePath& path) {
  const FileId directory = parent_of(path);
  if (is_open(directory)) {
    return directory;
  }
  const auto table = base_->directory(directory, record(directory));
  for (std::uint32_t i = 0; i < table->size(); ++i) {
    names_.add(directory, table->name(i), table->file_id(i));
  }
  opened_.insert(directory);
  // The directories above an opened one are either all recorded or none is.
  const std::vector<FileId>& trail = cursor_.ids();
  for (std::size_t i = trail.size() - 1; i > 0; --i) {
    if (!opened_below_[trail[i - 1]].insert(trail[i]).second) {
      break;
    }
  }
  return directory;
}

FileId Tree::add(const ImagePath& path, const format::FileRecord& record) {
  const FileId directory = open_parent_of(path);
  if (max_id() == std::numeric_limits<FileId>::max()) {
    throw Error(ErrorCode::kLimit, path.to_string(), "more than 2^32 files");
  }
  new_files_.push_back({record, 1});
  new_files_.back().record.parent = directory;
  names_.add(directory, path.name(), max_id());
  return max_id();
}

void Tree::link(const ImagePath& path, FileId file) {
  const FileId directory = open_parent_of(path);
  names_.add(directory, path.name(), file);
  if (is_new(file)) {
    ++new_files_[file - base_max_id_ - 1].links;
  } else {
    linked_.insert(file);
  }
}

void Tree::rename(const ImagePath& from, const ImagePath& to) {
  const FileId old_directory = open_parent_of(from);
  const NameIndex::EntryId entry = names_.find(old_directory, from.name()).value();
  const FileId id = names_.file(entry);
  const FileId directory = open_parent_of(to);
  names_.remove(entry);
  names_.add(directory, to.name(), id);
  if (is_new(id) || directory == old_directory) {
    return;
  }
  if (record(id).is_directory()) {
    moved_[id] = directory;
    opened_below_[old_directory].erase(id);
  } else {
    lost_a_name_.insert(id);
    linked_.insert(id);
  }
}

void Tree::unlink(NameIndex::EntryId entry) {
  const FileId id = names_.file(entry);
  names_.remove(entry);
  if (!is_new(id)) {
    // The file may have other names; fix_parents() finds out for all files at once.
    lost_a_name_.insert(id);
  } else if (--new_files_[id - base_max_id_ - 1].links == 0) {
    streams_.erase(id);
  }
}

void Tree::remove(const ImagePath& path) {
  const FileId directory = open_parent_of(path);
  const auto entry = names_.find(directory, path.name());
  if (!entry) {
    throw Error(ErrorCode::kNotFound, path.to_string(), "does not exist");
  }
  const FileId id = names_.file(*entry);
  const bool is_directory = record(id).is_directory();
  unlink(*entry);
  if (is_directory) {
    remove_below(id);
  }
}

// Returns true if names in or below `id` may be held.
bool Tree::may_have_names(FileId id) const {
  return is_new(id) ? record(id).is_directory()
                    : opened_.contains(id) || opened_below_.contains(id);
}

// Names that are held are removed one by one; directories of the base that were never opened
// disappear with the name that led to them.
void Tree::remove_below(FileId directory) {
  std::vector<FileId> to_remove = {directory};
  while (!to_remove.empty()) {
    const FileId gone = to_remove.back();
    to_remove.pop_back();
    lost_unread_directory_ |= !is_open(gone);
    for (auto entry = names_.first_of(gone); entry; entry = names_.next_of(*entry)) {
      const FileId id = names_.file(*entry);
      if (id != 0) {
        if (may_have_names(id)) {
          to_remove.push_back(id);
        } else {
          lost_unread_directory_ |= !is_new(id);
        }
        unlink(*entry);
      }
    }
    if (const auto below = opened_below_.extract(gone)) {
      to_remove.insert(to_remove.end(), below.mapped().begin(), below.mapped().end());
    }
    opened_.erase(gone);
  }
}

format::FileRecord Tree::record(FileId id) const {
  if (is_new(id)) {
    return new_files_[id - base_max_id_ - 1].record;
  }
  const auto found = changed_.find(id);
  return found != changed_.end() ? found->second : base_->record(id);
}

format::FileRecord& Tree::mutable_record(FileId id) {
  if (is_new(id)) {
    return new_files_[id - base_max_id_ - 1].record;
  }
  const auto found = changed_.find(id);
  return found != changed_.end() ? found->second
                                 : changed_.emplace(id, base_->record(id)).first->second;
}

// A new file has no table in the base: its record refers to none until the commit.
NamedStreams& Tree::streams(FileId id) {
  if (const auto known = streams_.find(id); known != streams_.end()) {
    return known->second;
  }
  NamedStreams streams;
  if (base_) {
    const auto table = base_->stream_table(record(id));
    for (std::uint32_t i = 0; i < table->size(); ++i) {
      if (!streams.emplace(table->name(i), table->stream(i)).second) {
        throw Error(
            ErrorCode::kCorrupt, base_->path().string(),
            fmt::format("file {} has two alternate streams named {}", id, to_wtf8(table->name(i))));
      }
    }
  }
  return streams_.emplace(id, std::move(streams)).first->second;
}

std::vector<FileId> Tree::changed_directories() const {
  std::vector<FileId> directories(opened_.begin(), opened_.end());
  for (std::size_t i = 0; i < new_files_.size(); ++i) {
    if (new_files_[i].links != 0 && new_files_[i].record.is_directory()) {
      directories.push_back(base_max_id_ + 1 + static_cast<FileId>(i));
    }
  }
  std::ranges::sort(directories);
  return directories;
}

void Tree::fix_parents(const std::function<FileId(FileId)>& written_id) {
  if (lost_a_name_.empty() && !lost_unread_directory_) {
    return;
  }
  ParentFinder search(*base_, {names_, opened_, moved_});
  for (const FileId id : lost_a_name_) {
    const format::FileRecord record = this->record(id);
    if (!record.is_directory()) {
      search.add(id, record.parent);
    }
  }
  if (lost_unread_directory_) {
    search.add_orphans();
    for (const FileId id : linked_) {  // the base does not know their new names
      search.add(id, record(id).parent);
    }
  }
  for (const auto& [file, directory] : search.find()) {
    if (const FileId parent = written_id(directory); record(file).parent != parent) {
      mutable_record(file).parent = parent;
    }
  }
}

}  // namespace cim
