// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A FUSE mount in the kernel and its connection. libfuse could mount as well, but prints errors
// instead of returning them.

#include <filesystem>
#include <string>

#include "cimlib/mount.h"

#include "os/descriptor_posix.h"

namespace cim::mount {

class KernelMount {
 public:
  /// Mounts, directly or with fusermount3. `source` is the source in the mount table. Throws as
  /// serve_foreground() does.
  KernelMount(const std::string& source, const std::filesystem::path& mount_point,
              const Options& options);
  KernelMount(const KernelMount&) = delete;
  KernelMount& operator=(const KernelMount&) = delete;
  /// Calls take_away().
  ~KernelMount();

  /// Unmounts lazily, unless forget() was called or something else is mounted on top.
  void take_away() noexcept;

  /// Records that it has been unmounted. A later mount there may even have the same device number.
  void forget() noexcept { device_.clear(); }

  /// As in the mount table.
  const std::filesystem::path& mount_point() const noexcept { return mount_point_; }

  /// Releases the connection, which the caller must close.
  int release_connection() noexcept { return connection_.release(); }

  /// "MAJOR:MINOR" of the mount; empty if it was unmounted at once.
  const std::string& device() const noexcept { return device_; }

 private:
  std::filesystem::path mount_point_;
  Descriptor connection_;
  std::string device_;
};

/// True if the mount of a connection still exists, even if lazily unmounted.
bool is_connected(int connection) noexcept;

/// Unmounts, directly as root and with fusermount3 otherwise. Returns an errno: 0, EBUSY, EPERM, or
/// EINVAL if `mount_point` is not a mount point.
int unmount_fuse(const std::filesystem::path& mount_point, UnmountMode mode);

}  // namespace cim::mount
