// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Where the files of region sets are: in the image's directory or in others, and under names that
// may have been changed to another case.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cim {

/// Finds region and object id files by their names. A directory is listed only if it lacks a file
/// under its exact name, and only once. For one thread.
class RegionLocator {
 public:
  /// `others` are searched after `directory`, in their order.
  explicit RegionLocator(std::filesystem::path directory,
                         const std::vector<std::filesystem::path>& others = {});

  /// Returns the path of the file of that name, which is in lower case. Exact names are preferred
  /// to those in another case, of which the first one in byte order is used. If there is no such
  /// file, returns the path that it would have in the image's directory.
  std::filesystem::path find(const std::string& name);

 private:
  struct Directory {
    std::filesystem::path path;
    /// Names in other cases, by the name in lower case; nullopt if not listed yet.
    std::optional<std::map<std::string, std::string>> names;
  };

  static void list(Directory& directory);

  std::vector<Directory> directories_;
};

}  // namespace cim
