// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "cimlib/directory_listings.h"

namespace cim {

class DirectoryListings {
 public:
  /// The names of region and object id files, by the name in lower case. Of those that differ only
  /// in case, the first one in byte order.
  using Names = std::map<std::string, std::string>;

  /// Returns the names in a directory, which is listed by the first call. Empty if it cannot be
  /// listed. The result is valid as long as this object.
  const Names& names_in(const std::filesystem::path& directory);

 private:
  std::mutex mutex_;
  std::map<std::filesystem::path, Names> directories_;
};

}  // namespace cim
