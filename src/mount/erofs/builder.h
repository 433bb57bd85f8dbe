// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Builds the metadata image of an image: an EROFS file system that holds the names, inodes, small
// files and extended attributes itself, and refers to the region files, as devices, for everything
// else.

#include <cstdint>
#include <stop_token>

#include "cimlib/guid.h"
#include "cimlib/image.h"

#include "mount/base/ntfs_xattrs.h"
#include "mount/erofs/seal.h"
#include "os/file.h"

namespace cim::mount::erofs {

/// The mount options that affect file attributes.
struct PosixOptions {
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  std::uint32_t umask = 0;
  bool is_root_private = false;  ///< only the user may enter
  StreamXattrs streams = StreamXattrs::kShown;
};

/// The results of a build that the seal records.
struct BuildResult {
  Omissions omissions;
  Probe probe;
};

/// log2 of the block size. 512 bytes allow executables to be mapped, whose sections are aligned to
/// that.
inline constexpr unsigned kBlockBits = 9;

/// Writes the metadata image to an empty file. Uses memory for the largest directory, the names of
/// all directories, and eight bytes per file. Throws kCorrupt for any damage that it finds, kLimit
/// if EROFS or this library has no room for something, kCancelled if `stop` is requested, kNoSpace,
/// kIo. `block_bits` is 9 to 12.
BuildResult build(const Image& image, const PosixOptions& posix_options, const Guid& uuid,
                  File& into, unsigned block_bits = kBlockBits, const std::stop_token& stop = {});

}  // namespace cim::mount::erofs
