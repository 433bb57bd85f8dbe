// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The directories that the kernel has looked up or is reading: their places in the mounted tree,
// and their names while they are read in pieces.

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "cimlib/image.h"

#include "image/read/link_target.h"
#include "os/seeded_hash.h"

namespace cim::mount::fuse {

/// Where a directory is in the mounted tree.
struct DirectoryPlace {
  FileId parent = 0;  ///< the root is its own parent
  LinkPlace place{};  ///< for links in the directory
};

/// The places of the directories that the kernel has looked up. The parent that an image records
/// for a file need not be correct, and the target of a link must not be outside the mount whatever
/// the image says, so the path by which the kernel reached it is used. Safe for concurrent use.
/// Stores a few dozen bytes per directory that was looked up.
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

/// All entries of one directory in the order of the image, stored compactly: about 30 bytes each.
/// Immutable, so threads can share it.
class Listing {
 public:
  struct Entry {
    FileId file;
    const char* name;  ///< NUL-terminated WTF-8; lives as long as the listing
  };

  /// Throws what Image::list() throws.
  Listing(const Image& image, FileId directory);

  std::size_t size() const noexcept { return entries_.size(); }
  Entry operator[](std::size_t index) const noexcept {
    return {entries_[index].file, names_.c_str() + entries_[index].name_start};
  }

 private:
  struct Place {
    FileId file;
    std::uint32_t name_start;
  };

  std::vector<Place> entries_;
  std::string names_;
};

/// The listings in use, so that a directory read in a thousand pieces is not listed a thousand
/// times. Any of them can be created again, so dropping one costs only time.
class Listings {
 public:
  explicit Listings(const Image& image) : image_(image) {}

  /// Returns the listing of a directory, kept from an earlier call or newly read.
  std::shared_ptr<const Listing> get(FileId directory);

  /// To be called when a program has read the directory to its end.
  void drop(FileId directory);

 private:
  using Cached = std::pair<FileId, std::shared_ptr<const Listing>>;

  const Image& image_;
  std::mutex mutex_;
  std::list<Cached> cached_;  // most recent first
};

}  // namespace cim::mount::fuse
