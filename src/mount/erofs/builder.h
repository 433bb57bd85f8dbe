// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// From an image to its metadata image: an EROFS file system that has the names, inodes, small files
// and extended attributes itself, and everything else in the region files, as devices.

#include <cstdint>
#include <stop_token>
#include <string>

#include "cimlib/guid.h"
#include "cimlib/image.h"

#include "mount/erofs/omissions.h"
#include "mount/ntfs_xattrs.h"
#include "os/file.h"

namespace cim::mount::erofs {

/// What the options of a mount decide of how files look.
struct PosixOptions {
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  std::uint32_t umask = 0;
  bool is_root_private = false;  ///< nobody but the user may enter
  StreamXattrs streams = StreamXattrs::kShown;
};

/// A file whose data lie in a region, to try the mount with.
struct Probe {
  std::string path{};  ///< from the root of the mount; empty if there is no such file
  FileId file = 0;
};

struct BuildResult {
  Omissions omissions;
  Probe probe;
};

/// log2 of the size of blocks. With 512 bytes executables can be mapped, whose sections lie at such
/// borders.
inline constexpr unsigned kBlockBits = 9;

/// Writes the metadata image to an empty file. Its memory is that of the largest directory, of the
/// directories' names, and eight bytes a file. Throws kCorrupt for any damage that it meets, kLimit
/// for what EROFS or this library has no room for, kCancelled on a request to stop, kNoSpace, kIo.
/// `block_bits` is 9 to 12.
BuildResult build(const Image& image, const PosixOptions& posix_options, const Guid& uuid,
                  File& into, unsigned block_bits = kBlockBits, const std::stop_token& stop = {});

}  // namespace cim::mount::erofs
