// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The metadata images that were made, so that an image is gone through once.
//
//   CACHE/erofs/PLACE-KEY.erofs
//
// PLACE follows from the image's path and the options, KEY from what the image is: what has another
// KEY at the same PLACE is stale. Files come complete, and are looked at bit by bit before use.

#include <filesystem>
#include <optional>
#include <stop_token>

#include "cimlib/image.h"

#include "mount/erofs/builder.h"
#include "mount/erofs/seal.h"
#include "os/file.h"

namespace cim::mount::erofs {

/// Options::cache, or where root and other users keep such things. Throws kNotFound for a user
/// without a home.
std::filesystem::path cache_directory(const std::optional<std::filesystem::path>& given);

struct MetadataImage {
  File file;
  Notes notes;
};

/// The metadata image for the image, which is open, under its absolute path: the one that is kept,
/// or a new one. Removes stale ones for this path, and those of images that are no more. Throws
/// what build() throws, kAccessDenied for a cache that is not up to this user alone
/// (trusted_directory.h), kIo.
MetadataImage find_or_build(const Image& image, const PosixOptions& posix_options,
                            const std::filesystem::path& cache, const std::stop_token& stop);

}  // namespace cim::mount::erofs
