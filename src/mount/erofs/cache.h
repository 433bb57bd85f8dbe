// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A cache of metadata images, so that each image is read only once.
//
//   CACHE/erofs/PLACE-KEY.erofs
//
// PLACE is derived from the image's path and the options, KEY from the identity of the image; a
// file with the same PLACE and another KEY is stale. Files are renamed into place when complete,
// and are verified completely before use.

#include <filesystem>
#include <optional>
#include <stop_token>

#include "cimlib/image.h"

#include "mount/erofs/builder.h"
#include "mount/erofs/seal.h"
#include "os/file.h"

namespace cim::mount::erofs {

/// Returns Options::cache, or the default directory for root or another user. Throws kNotFound for
/// a user without a home directory.
std::filesystem::path cache_directory(const std::optional<std::filesystem::path>& given);

/// A verified metadata image, open for reading.
struct MetadataImage {
  File file;
  SealData seal_data;
};

/// Returns the metadata image for the open image, which is known under its absolute path, from the
/// cache or newly built. Removes stale files for this path, and those of images that no longer
/// exist. Throws what build() throws, kAccessDenied for a cache that other users control
/// (trusted_directory.h), kIo.
MetadataImage find_or_build(const Image& image, const PosixOptions& posix_options,
                            const std::filesystem::path& cache, const std::stop_token& stop);

}  // namespace cim::mount::erofs
