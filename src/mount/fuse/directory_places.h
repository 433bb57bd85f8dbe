// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Where in the mounted tree the directories are that the kernel knows. What an image says of a
// file's parent need not be true, and the target of a link must not lead out of the mount whatever
// the image says; so what counts is the way on which the kernel came.

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

/// May be used from many threads. Keeps a few dozen bytes for each directory that was looked up.
class DirectoryPlaces {
 public:
  DirectoryPlaces(FileId root, const LinkPlace& place) { places_[root] = {root, place}; }

  /// Of a directory that was added. Throws kCorrupt for any other.
  DirectoryPlace of(FileId directory) const;

  /// Returns whether the directory is new, or has that parent; it can have only one.
  bool add(FileId directory, const DirectoryPlace& place);

 private:
  mutable std::shared_mutex mutex_;
  SeededMap<FileId, DirectoryPlace> places_;
};

}  // namespace cim::mount
