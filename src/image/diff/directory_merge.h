// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Walks two trees side by side, name by name, to compare images.

#include <cstddef>
#include <utility>
#include <vector>

#include "cimlib/image_path.h"

#include "image/read/directory_visits.h"

namespace cim {

/// The entries of one name; null if a directory has none.
struct EntryPair {
  const DirectoryEntry* before = nullptr;
  const DirectoryEntry* after = nullptr;

  bool is_end() const noexcept { return before == nullptr && after == nullptr; }
};

/// Two directories of the same path, or one if the other image has none. Both are sorted by name,
/// ignoring case.
class DirectoryMerge {
 public:
  DirectoryMerge(DirectoryEntries before, DirectoryEntries after)
      : before_(std::move(before)), after_(std::move(after)) {}

  /// Returns the entries of the next name, valid as long as this object lives; both null at the
  /// end.
  EntryPair take();

 private:
  DirectoryEntries before_;
  DirectoryEntries after_;
  std::size_t next_before_ = 0;
  std::size_t next_after_ = 0;
};

/// Walks two trees, from name to name.
class LockstepWalk {
 public:
  /// Returns the position of the walk: the last name taken, or the directories that were entered
  /// there.
  const ImagePath& path() const noexcept { return path_; }

  /// Makes the walk continue with the names below the current one.
  void enter(DirectoryEntries before, DirectoryEntries after);
  /// Moves to the next name; both entries are null at the end. The entries are valid until the next
  /// call.
  EntryPair next();

 private:
  std::vector<DirectoryMerge> open_;  // on the heap, since trees may be deep
  ImagePath path_;
  bool is_at_name_ = false;  // path_ ends with the current name, and nothing below it was entered
};

}  // namespace cim
