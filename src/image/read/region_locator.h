// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Where the files of region sets are: in the image's directory or in others, and under names that
// may have been changed to another case.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "image/read/directory_listings.h"
#include "image/read/store_listing.h"

namespace cim {

/// Finds region and object id files by their names. A directory is listed only if it lacks a file
/// under its exact name.
class RegionLocator {
 public:
  /// `others` are searched after `directory`, in their order. Listings of its own are made if
  /// `listings` is null.
  explicit RegionLocator(const std::filesystem::path& directory,
                         const std::vector<std::filesystem::path>& others = {},
                         std::shared_ptr<DirectoryListings> listings = nullptr);

  /// Returns the path of the file of that name, which is in lower case. Exact names are preferred
  /// to those in another case, of which the first one in byte order is used. If there is no such
  /// file, returns the path that it would have in the image's directory.
  std::filesystem::path find(const std::string& name) const;

  /// A file beside the image that is named like a part of an image.
  struct Part {
    std::filesystem::path path;
    PartName name;
  };
  /// Returns the files of a region set in the image's directory, whatever their numbers.
  std::vector<Part> parts_of(const Guid& region_set) const;

 private:
  std::vector<std::filesystem::path> directories_;
  std::shared_ptr<DirectoryListings> listings_;
};

}  // namespace cim
