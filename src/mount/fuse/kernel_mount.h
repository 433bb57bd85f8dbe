// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A FUSE mount in the kernel and its connection. libfuse could mount as well, but prints errors
// instead of returning them.

#include <filesystem>
#include <string>

#include "cimlib/mount.h"

#include "mount/base/mount_point.h"
#include "os/descriptor_posix.h"

namespace cim::mount::fuse {

/// A mount that has no server yet.
struct KernelMount {
  MountGuard guard;
  /// For /dev/fuse. Closed before the guard unmounts, so that programs that still use the mount get
  /// errors instead of blocking.
  Descriptor connection;
};

/// Mounts, directly or with fusermount3. `source` is the source in the mount table. Throws as
/// serve_foreground() does.
KernelMount mount_in_kernel(const std::string& source, const std::filesystem::path& mount_point,
                            const Options& options);

/// Returns true if the mount of a connection still exists, even if lazily unmounted.
bool is_connected(int connection) noexcept;

}  // namespace cim::mount::fuse
