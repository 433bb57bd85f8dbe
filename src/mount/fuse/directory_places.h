// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The places in the mounted tree of the directories that the kernel knows. The parent that an image
// records for a file need not be correct, and the target of a link must not be outside the mount
// whatever the image says; so the path by which the kernel arrived counts.

#include <mutex>
#include <shared_mutex>

#include "cimlib/image.h"

#include "image/read/link_target.h"
#include "os/seeded_hash.h"

namespace cim::mount {

struct DirectoryPlace {
  FileId parent = 0;  ///< the root is its own parent
  LinkPlace place{};  ///< for links in the directory
};

/// Safe for concurrent use. Stores a few dozen bytes per directory that was looked up.
class DirectoryPlaces {
 public:
  DirectoryPlaces(FileId root, const LinkPlace& place) { places_[root] = {root, place}; }

  /// Returns the place of a directory that was added. Throws kCorrupt for any other.
  DirectoryPlace of(FileId directory) const;

  /// Returns true if the directory is new or already has that parent; it can have only one.
  bool add(FileId directory, const DirectoryPlace& place);

 private:
  mutable std::shared_mutex mutex_;
  SeededMap<FileId, DirectoryPlace> places_;
};

}  // namespace cim::mount
