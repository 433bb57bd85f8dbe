// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Which reparse points become symbolic links of a POSIX system.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/file_info.h"
#include "cimlib/image.h"
#include "cimlib/image_path.h"

#include "image/read/link_target.h"

namespace cim {

/// Determines which reparse points become symbolic links, and their targets. Follows a walk down
/// into directories and up again, because targets depend on the directory. The image must outlive
/// it.
class SymlinkTargets {
 public:
  /// Begins in the directory `from`, or in that of the file `from`.
  SymlinkTargets(const Image& image, const ImagePath& from);

  void enter(FileId directory);
  void leave() { places_.pop_back(); }

  struct Target {
    std::optional<std::string> target;  ///< nullopt if no symbolic link is to be made
    std::string_view obstacle;          ///< why a reparse point has no target
  };
  /// Returns the target of a file in the current directory. No target leads above `from`.
  Target target_of(const FileInfo& info) const;

 private:
  std::size_t depth_of(FileId directory, std::size_t parent) const;

  const Image& image_;
  std::vector<FileId> roots_;      // the directories that Windows sees as drive C
  std::vector<LinkPlace> places_;  // of the directories on the way down
};

}  // namespace cim
