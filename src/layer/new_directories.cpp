// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/new_directories.h"

#include <system_error>

#include "cimlib/error.h"

#include "os/host_path.h"

namespace cim::layer {

NewDirectories::~NewDirectories() {
  for (auto made = made_.rbegin(); made != made_.rend(); ++made) {
    std::error_code ignored;  // not empty: another process put something there, so it is kept
    std::filesystem::remove(*made, ignored);
  }
}

// Works from the top down. A directory that another process creates meanwhile is used, but is not
// one to remove later.
bool NewDirectories::make(const std::filesystem::path& directory) {
  bool is_made = false;
  std::vector<std::filesystem::path> missing;
  auto at = absolute_path(directory);
  for (; !std::filesystem::exists(status_of(at)); at = at.parent_path()) {
    missing.push_back(at);
  }
  for (auto next = missing.rbegin(); next != missing.rend(); ++next) {
    std::error_code error;
    is_made = std::filesystem::create_directory(*next, error);
    if (is_made) {
      made_.push_back(*next);
    } else if (error) {
      const bool is_gone = error == std::errc::no_such_file_or_directory;
      throw Error(is_gone ? ErrorCode::kNotFound : ErrorCode::kIo, next->string(),
                  "cannot create the directory: " + error.message());
    }
  }
  return is_made;
}

}  // namespace cim::layer
