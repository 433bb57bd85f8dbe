// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The names of a directory while it is read in pieces.

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cimlib/image.h"

namespace cim::mount {

/// All entries in the order of the image, stored compactly: about 30 bytes each.
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

  std::shared_ptr<const Listing> get(FileId directory);

  /// To be called when a program has read the directory to its end.
  void drop(FileId directory);

 private:
  using Kept = std::pair<FileId, std::shared_ptr<const Listing>>;

  const Image& image_;
  std::mutex mutex_;
  std::list<Kept> dismissed_;  // most recent first
};

}  // namespace cim::mount
