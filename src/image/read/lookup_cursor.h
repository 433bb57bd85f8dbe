// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files on the path that was looked up last. A caller that writes a tree goes from one name to
// the next in the same directory, so most of a path is known already; with a lookup from the root
// each time, directories nested n deep would take n² steps.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/file_info.h"
#include "cimlib/image_path.h"

namespace cim {

class LookupCursor {
 public:
  explicit LookupCursor(FileId root) : ids_{root} {}

  /// Keeps the part of the trail that matches the first `count` names of the path, as written, and
  /// returns how many names match.
  std::size_t seek(const ImagePath& path, std::size_t count);

  /// Returns the file at the end of the trail.
  FileId last() const noexcept { return ids_.back(); }
  /// Returns the whole trail, the root first.
  const std::vector<FileId>& ids() const noexcept { return ids_; }

  void push(std::u16string_view name, FileId id);

 private:
  std::vector<std::u16string> names_;
  std::vector<FileId> ids_;  // one more than names
};

}  // namespace cim
