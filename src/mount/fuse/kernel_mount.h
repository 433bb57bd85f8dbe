// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A FUSE mount in the kernel and the connection over which it asks. libfuse would mount as well,
// but prints what goes wrong instead of telling it.

#include <filesystem>
#include <string>

#include "cimlib/mount.h"

#include "os/descriptor_posix.h"

namespace cim::mount {

class KernelMount {
 public:
  /// Mounts, by itself or with fusermount3. `source` is what the mount table shows as the source.
  /// Throws as serve_foreground() does.
  KernelMount(const std::string& source, const std::filesystem::path& mount_point,
              const Options& options);
  KernelMount(const KernelMount&) = delete;
  KernelMount& operator=(const KernelMount&) = delete;
  /// Does what take_away() does.
  ~KernelMount();

  /// Unmounts lazily, unless forget() was called or something else is mounted over it.
  void take_away() noexcept;

  /// It has been unmounted. What is at its place now may even have the number of its device.
  void forget() noexcept { device_.clear(); }

  /// As the mount table has it.
  const std::filesystem::path& mount_point() const noexcept { return mount_point_; }

  /// The connection, to be given away and closed by another.
  int release_connection() noexcept { return connection_.release(); }

  /// "MAJOR:MINOR" of the mount; empty if somebody unmounted it at once.
  const std::string& device() const noexcept { return device_; }

 private:
  std::filesystem::path mount_point_;
  Descriptor connection_;
  std::string device_;
};

/// Whether the mount of a connection is still there, be it out of sight.
bool is_connected(int connection) noexcept;

/// How to take a mount away; what root may do directly, others do with fusermount3. Returns an
/// errno: 0, EBUSY, EPERM, EINVAL for what is no mount.
int unmount_fuse(const std::filesystem::path& mount_point, UnmountMode mode);

}  // namespace cim::mount
