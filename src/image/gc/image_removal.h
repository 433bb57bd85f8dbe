// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Removing images of one directory, which share region files.

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "cimlib/guid.h"
#include "cimlib/lock.h"

#include "image/read/store_listing.h"
#include "os/directory_lock.h"

namespace cim {

/// Removes images one after another. The directory is listed and every image in it read once, so
/// that the time is proportional to the number of images. Holds the exclusive lock of the directory
/// meanwhile.
class ImageRemoval {
 public:
  /// Throws as find_garbage(), and kBusy if a writer does not finish within `lock_timeout`.
  ImageRemoval(const std::filesystem::path& directory, const LockTimeout& lock_timeout);
  /// Takes no lock: the caller holds the exclusive one as long as this object exists.
  explicit ImageRemoval(const std::filesystem::path& directory);

  /// Throws what remove() would throw before it changes anything.
  void require_removable(const std::filesystem::path& image) const;

  /// Removes an image as destroy_image() does, with the same errors.
  void remove(const std::filesystem::path& image);

 private:
  using Members = std::set<std::size_t>;  // indices of listing_

  void list();
  Members members_of(const std::filesystem::path& image) const;
  void refuse_if_forked(const std::filesystem::path& image, const Guid& own,
                        const Members& itself) const;

  std::filesystem::path directory_;
  std::optional<DirectoryLock> lock_;
  std::vector<ImageHeader> listing_;
  std::map<Guid, Members> users_;  // images that need a region set
  std::map<std::filesystem::path, std::size_t> by_name_;
  std::map<Guid, std::vector<std::filesystem::path>> parts_;
};

}  // namespace cim
