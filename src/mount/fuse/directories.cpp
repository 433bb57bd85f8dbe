// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/directories.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/utf16.h"

namespace cim::mount::fuse {
namespace {

// The number of directories likely to be read at the same time.
constexpr std::size_t kMaxCached = 16;

}  // namespace

DirectoryPlace DirectoryPlaces::of(FileId directory) const {
  const std::shared_lock lock(mutex_);
  const auto found = places_.find(directory);
  if (found == places_.end()) {
    throw Error(ErrorCode::kCorrupt, "", fmt::format("directory {} was not looked up", directory));
  }
  return found->second;
}

// Most directories are known already, so a shared lock comes first.
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

Listing::Listing(const Image& image, FileId directory) {
  const std::vector<DirectoryEntry> list = image.list(directory);
  entries_.reserve(list.size());
  for (const DirectoryEntry& entry : list) {
    if (names_.size() > std::numeric_limits<std::uint32_t>::max()) {
      throw Error(ErrorCode::kLimit, image.path().string(),
                  fmt::format("directory {} has names of more than 4 GiB", directory));
    }
    entries_.push_back({entry.id, static_cast<std::uint32_t>(names_.size())});
    append_wtf8(names_, entry.name);
    names_ += '\0';
  }
}

std::shared_ptr<const Listing> Listings::get(FileId directory) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(cached_, directory, &Cached::first);
    if (found != cached_.end()) {
      cached_.splice(cached_.begin(), cached_, found);
      return found->second;
    }
  }
  // Not under the lock, since reading a large directory takes long. Another thread may list the
  // same directory in the meantime; the listings are equal, and get() finds either.
  auto listing = std::make_shared<const Listing>(image_, directory);
  const std::lock_guard lock(mutex_);
  cached_.emplace_front(directory, listing);
  if (cached_.size() > kMaxCached) {
    cached_.pop_back();
  }
  return listing;
}

void Listings::drop(FileId directory) {
  const std::lock_guard lock(mutex_);
  cached_.remove_if([&](const Cached& cached) { return cached.first == directory; });
}

}  // namespace cim::mount::fuse
