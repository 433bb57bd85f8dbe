// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/tree.h"

#include <limits>

#include "cimlib/error.h"

namespace cim {

Tree::Tree(const format::FileRecord& root) {
  nodes_.push_back({root, 1});
  nodes_.front().record.parent = kRoot;
}

std::optional<FileId> Tree::find(const ImagePath& path) const {
  FileId id = kRoot;
  for (const std::u16string& name : path.names()) {
    const auto entry = names_.find(id, name);
    if (!entry) {
      return std::nullopt;
    }
    id = names_.file(*entry);
  }
  return id;
}

FileId Tree::parent_of(const ImagePath& path) const {
  if (path.is_root()) {
    throw Error(ErrorCode::kInvalidArgument, path.to_string(), "the root has no other name");
  }
  FileId id = kRoot;
  for (std::size_t i = 0; i + 1 < path.names().size(); ++i) {
    const auto entry = names_.find(id, path.names()[i]);
    if (!entry) {
      throw Error(ErrorCode::kNotFound, path.to_string(), "the directory of that name is missing");
    }
    id = names_.file(*entry);
  }
  if (!record(id).is_directory()) {
    throw Error(ErrorCode::kInvalidArgument, path.to_string(), "its parent is not a directory");
  }
  return id;
}

FileId Tree::add(const ImagePath& path, const format::FileRecord& record) {
  const FileId directory = parent_of(path);
  if (nodes_.size() == std::numeric_limits<FileId>::max()) {
    throw Error(ErrorCode::kLimit, path.to_string(), "more than 2^32 files");
  }
  nodes_.push_back({record, 1});
  const FileId id = max_id();
  names_.add(directory, path.name(), id);
  nodes_.back().record.parent = directory;
  return id;
}

void Tree::link(const ImagePath& path, FileId file) {
  names_.add(parent_of(path), path.name(), file);
  ++nodes_[file - 1].links;
}

void Tree::unlink(NameIndex::EntryId entry) {
  const FileId id = names_.file(entry);
  names_.remove(entry);
  if (--nodes_[id - 1].links == 0) {
    streams_.erase(id);
  }
}

std::vector<NameIndex::EntryId> Tree::entries_of(FileId directory) const {
  std::vector<NameIndex::EntryId> entries;
  for (NameIndex::EntryId entry = 0; entry < names_.end(); ++entry) {
    if (names_.file(entry) != 0 && names_.directory(entry) == directory) {
      entries.push_back(entry);
    }
  }
  return entries;
}

void Tree::remove(const ImagePath& path) {
  const auto entry = names_.find(parent_of(path), path.name());
  if (!entry) {
    throw Error(ErrorCode::kNotFound, path.to_string(), "is not there");
  }
  std::vector<NameIndex::EntryId> doomed = {*entry};
  while (!doomed.empty()) {
    const NameIndex::EntryId next = doomed.back();
    doomed.pop_back();
    const FileId id = names_.file(next);
    unlink(next);
    if (record(id).is_directory()) {
      const auto below = entries_of(id);
      doomed.insert(doomed.end(), below.begin(), below.end());
    }
  }
}

}  // namespace cim
