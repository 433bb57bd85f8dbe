// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Sharing the listings of a directory between its images, which are read one after another.
//
//   const auto listings = cim::new_directory_listings();
//   for (const std::filesystem::path& path : paths) {
//     const cim::Image image(path, cim::OpenOptions{.listings = listings});
//   }

#include <memory>

#include "cimlib/export.h"

namespace cim {

/// Listings of the directories of images. A directory is listed if a file is missing there under
/// its exact name, and by checks. Images that are opened or checked with the same listings list it
/// only once, so that reading all images of a directory takes time that grows with their number and
/// not with its square. Safe to use from several threads.
class DirectoryListings;

/// Returns listings without any directory. They do not notice later changes of a directory, so they
/// are to be kept for one task.
CIM_EXPORT std::shared_ptr<DirectoryListings> new_directory_listings();

}  // namespace cim
