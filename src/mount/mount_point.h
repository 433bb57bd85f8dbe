// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Where a mount shall go.

#include <filesystem>
#include <string>

#include "os/descriptor_posix.h"

namespace cim::mount {

/// A directory that is open, so that nothing can be put in its place before the mount is there.
struct MountPoint {
  Descriptor directory;
  std::filesystem::path path;  ///< as the mount table will have it
};

/// Throws kNotFound, kInvalidArgument for what is no directory, kBusy where a mount is whose server
/// has gone.
MountPoint open_mount_point(const std::filesystem::path& path);

/// By which the kernel finds a file that this process has open.
std::string path_of_descriptor(int descriptor);

}  // namespace cim::mount
