// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The directory to mount at, and what this process has mounted there.

#include <filesystem>
#include <string>
#include <utility>

#include "cimlib/mount.h"

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

/// Unmounts what is on top at `mount_point`: directly, or with fusermount3 if this user may not.
/// Returns an errno: 0, EBUSY, EPERM, or EINVAL if nothing is mounted there.
int unmount_topmost(const std::filesystem::path& mount_point, UnmountMode mode);

/// A mount that this process made. Unmounted by the destructor unless it is dismissed.
class MountGuard {
 public:
  /// Guards the topmost mount at `mount_point`, which must be spelled as in the mount table.
  explicit MountGuard(std::filesystem::path mount_point);
  MountGuard(MountGuard&& other) noexcept
      : mount_point_(std::move(other.mount_point_)), device_(std::exchange(other.device_, {})) {}
  MountGuard& operator=(MountGuard&&) = delete;
  /// Calls unmount().
  ~MountGuard() { unmount(); }

  /// Unmounts lazily, unless it was dismissed, is already unmounted, or something else is mounted
  /// on top.
  void unmount() noexcept;

  /// Leaves the mount alone from now on: it is to be kept, or has been unmounted, in which case a
  /// later mount at the same place may have the same device number.
  void dismiss() noexcept { device_.clear(); }

  /// Returns true if the mount is still in the mount table. Throws kIo.
  bool is_mounted() const;

  const std::filesystem::path& mount_point() const noexcept { return mount_point_; }
  /// "MAJOR:MINOR"; empty after dismiss(), and if it was unmounted at once.
  const std::string& device() const noexcept { return device_; }

 private:
  std::filesystem::path mount_point_;
  std::string device_;
};

}  // namespace cim::mount
