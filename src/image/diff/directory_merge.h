// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Two trees side by side, name for name, as comparing images needs them.

#include <cstddef>
#include <utility>
#include <vector>

#include "cimlib/image_path.h"

#include "image/read/directory_visits.h"

namespace cim {

/// The entries of one name; null where a directory has none.
struct EntryPair {
  const DirectoryEntry* before = nullptr;
  const DirectoryEntry* after = nullptr;

  bool is_end() const noexcept { return before == nullptr && after == nullptr; }
};

/// Two directories of one path, or one where the other image has none. Both are sorted by name,
/// letter case apart.
class DirectoryMerge {
 public:
  DirectoryMerge(DirectoryEntries before, DirectoryEntries after)
      : before_(std::move(before)), after_(std::move(after)) {}

  /// The entries of the next name, as long as the pair lives; at the end neither.
  EntryPair take();

 private:
  DirectoryEntries before_;
  DirectoryEntries after_;
  std::size_t next_before_ = 0;
  std::size_t next_after_ = 0;
};

/// The way through two trees, from name to name.
class LockstepWalk {
 public:
  /// Where the walk is: at the last name taken, or in the directories that were entered there.
  const ImagePath& path() const noexcept { return path_; }

  /// The names below this one come next.
  void enter(DirectoryEntries before, DirectoryEntries after);
  /// Goes on to the next name; at the end neither has it. What it tells is there until then.
  EntryPair next();

 private:
  std::vector<DirectoryMerge> open_;  // a stack of the heap, since trees may be deep
  ImagePath path_;
  bool is_at_name_ = false;  // which path_ ends with, and nothing below it was entered
};

}  // namespace cim
