// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/directory_places.h"

#include <fmt/format.h>

#include "cimlib/error.h"

namespace cim::mount {

DirectoryPlace DirectoryPlaces::of(FileId directory) const {
  const std::shared_lock lock(mutex_);
  const auto found = places_.find(directory);
  if (found == places_.end()) {
    throw Error(ErrorCode::kCorrupt, "", fmt::format("directory {} was not looked up", directory));
  }
  return found->second;
}

bool DirectoryPlaces::add(FileId directory, const DirectoryPlace& place) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = places_.find(directory); found != places_.end()) {
      return found->second.parent == place.parent;
    }
  }
  const std::unique_lock lock(mutex_);
  return places_.try_emplace(directory, place).first->second.parent == place.parent;
}

}  // namespace cim::mount
