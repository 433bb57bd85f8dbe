// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Remembers the directories on the path that was looked up last. A caller that writes a tree mostly
// looks up names in the same directory, so most of the path is already known. If each lookup
// started at the root, directories nested n deep would take n² steps.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/file_info.h"
#include "cimlib/image_path.h"

namespace cim {

/// A path and the files on it. The caller looks up the names that seek() does not know, and adds
/// each with push().
class LookupCursor {
 public:
  explicit LookupCursor(FileId root) : ids_{root} {}

  /// Compares the remembered path with the first `count` names of `path`, including case, drops the
  /// part that differs, and returns how many names match.
  std::size_t seek(const ImagePath& path, std::size_t count);

  /// Returns the file at the end of the remembered path.
  FileId last() const noexcept { return ids_.back(); }
  /// Returns all files on the remembered path, the root first.
  const std::vector<FileId>& ids() const noexcept { return ids_; }

  /// Appends a name to the remembered path.
  void push(std::u16string_view name, FileId id);

 private:
  std::vector<std::u16string> names_;
  std::vector<FileId> ids_;  // one more than names
};

}  // namespace cim
