// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The system calls that change the mount table. They are made nowhere else, so that this page lists
// everything that can be mounted and how. Failures are returned, because what an errno means
// depends on what is mounted.

#include <filesystem>
#include <string>
#include <string_view>

#include "cimlib/mount.h"

#include "os/descriptor_posix.h"

namespace cim::mount {

/// Attributes of a mount. All mounts made here are also nosuid and nodev.
struct MountAttributes {
  bool is_read_only = true;
  bool allows_execution = true;
};

/// Mounts a new file system of that type at `target` with mount(2); `source` is for the mount table
/// only. Returns 0 or an errno.
int mount_filesystem(std::string_view type, const std::string& source,
                     const std::filesystem::path& target, const std::string& options,
                     const MountAttributes& attributes);

/// Unmounts what is on top at `mount_point`, which may not be a symbolic link, with umount2(2).
/// Returns 0 or an errno.
int unmount_filesystem(const std::filesystem::path& mount_point, UnmountMode mode);

/// Moves a mount that is not attached anywhere, given by its root, to an open directory. Returns 0
/// or an errno.
int attach_mount(const Descriptor& mount, const Descriptor& directory);

/// A file system while it is configured, before it is mounted: fsopen(2) and its companions, which
/// take any number of options and report errors in words. Its functions return 0 or an errno.
class FilesystemContext {
 public:
  /// Starts to configure a file system of that type.
  int open(const char* type);

  int set_flag(const char* name);
  /// The kernel accepts values of up to 255 bytes.
  int set_text(const char* name, const std::string& value);

  /// Creates the file system as configured.
  int create();
  /// Makes a mount of it that is not attached anywhere, and sets `mount` to its root. Closing the
  /// descriptor removes a mount that is not attached.
  int mount(const MountAttributes& attributes, Descriptor& mount);

  /// Returns the kernel's first message on a failure that was not returned before, such as "device
  /// IDs mismatched"; empty if there is none.
  std::string message() const;

 private:
  Descriptor context_;
};

}  // namespace cim::mount
