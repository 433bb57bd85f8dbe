// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/directory_listings.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/upcase.h"

namespace cim {
namespace {

// A directory that cannot be listed may still have files that can be opened by their exact names.
DirectoryListings::Names list(const std::filesystem::path& directory) {
  DirectoryListings::Names names;
  std::error_code error;
  for (std::filesystem::directory_iterator next(directory, error), end; !error && next != end;
       next.increment(error)) {
    std::string name = next->path().filename().string();
    std::string lower = to_ascii_lower(name);
    if (lower.starts_with("region_") || lower.starts_with("objectid_")) {
      const auto [known, is_new] = names.try_emplace(std::move(lower), name);
      known->second = std::min(known->second, name);
    }
  }
  return names;
}

}  // namespace

const DirectoryListings::Names& DirectoryListings::names_in(
    const std::filesystem::path& directory) {
  const std::scoped_lock lock(mutex_);
  const auto known = directories_.find(directory);
  return known != directories_.end()
             ? known->second
             : directories_.emplace(directory, list(directory)).first->second;
}

std::shared_ptr<DirectoryListings> new_directory_listings() {
  return std::make_shared<DirectoryListings>();
}

}  // namespace cim
