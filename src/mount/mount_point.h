// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The directory to mount at.

#include <filesystem>
#include <string>

#include "os/descriptor_posix.h"

namespace cim::mount {

/// An open directory, so that it cannot be replaced before the mount is made.
struct MountPoint {
  Descriptor directory;
  std::filesystem::path path;  ///< as in the mount table
};

/// Opens the directory. Throws kNotFound, kInvalidArgument if it is not a directory, and kBusy if a
/// mount is there whose server has died.
MountPoint open_mount_point(const std::filesystem::path& path);

/// Returns a path through which the kernel finds a file that this process has open.
std::string path_of_descriptor(int descriptor);

}  // namespace cim::mount
