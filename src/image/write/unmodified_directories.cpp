// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/write/unmodified_directories.h"

#include <vector>

namespace cim {

void UnmodifiedDirectories::for_each(const Visitor& visit) {
  base_.for_each_record([&](FileId id, const format::FileRecord& record) {
    if (record.is_directory() && record.stream.length != 0 && !opened_.contains(id) &&
        is_reached(id)) {
      visit(id, record);
    }
  });
}

bool UnmodifiedDirectories::is_named(FileId directory, FileId parent) const {
  return !opened_.contains(parent) || held_.contains(directory);
}

// Walks up until the answer is known. A cycle of parents, which only a damaged image has, counts as
// not reached.
bool UnmodifiedDirectories::is_reached(FileId directory) {
  std::vector<FileId> path;
  bool reached = false;
  for (FileId at = directory;;) {
    if (const auto known = reached_.find(at); known != reached_.end()) {
      reached = known->second;
      break;
    }
    path.push_back(at);
    if (at == base_.root()) {
      reached = true;
      break;
    }
    reached_.emplace(at, false);
    const FileId parent = base_.record(at).parent;
    if (parent == 0) {  // version 1 doesn't record it
      reached = true;
      break;
    }
    if (!is_named(at, parent)) {
      break;
    }
    at = parent;
  }
  for (const FileId id : path) {
    reached_[id] = reached;
  }
  return reached;
}

}  // namespace cim
