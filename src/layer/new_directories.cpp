// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/new_directories.h"

#include <system_error>

#include "cimlib/error.h"

#include "base/path_status.h"

namespace cim::layer {

NewDirectories::~NewDirectories() {
  for (auto made = made_.rbegin(); made != made_.rend(); ++made) {
    std::error_code ignored;  // somebody else put something there meanwhile: it stays
    std::filesystem::remove(*made, ignored);
  }
}

void NewDirectories::make(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> missing;
  for (auto at = std::filesystem::absolute(directory); !std::filesystem::exists(status_of(at));
       at = at.parent_path()) {
    missing.push_back(at);
  }
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    std::error_code error;
    if (std::filesystem::create_directory(*at, error)) {
      made_.push_back(*at);
    } else if (error) {
      const bool is_gone = error == std::errc::no_such_file_or_directory;
      throw Error(is_gone ? ErrorCode::kNotFound : ErrorCode::kIo, at->string(),
                  "cannot create the directory: " + error.message());
    }
  }
}

}  // namespace cim::layer
