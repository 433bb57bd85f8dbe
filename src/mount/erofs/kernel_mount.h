// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// EROFS mounts in the kernel.

#include <filesystem>
#include <string>
#include <vector>

#include "mount/mount_point.h"
#include "os/descriptor_posix.h"

namespace cim::mount::erofs {

/// Throws kUnsupported if the kernel has no EROFS, kAccessDenied if the user may not mount it.
void require_kernel();

/// Creates a mount that is not attached yet. The returned descriptor is its root, for openat(2),
/// and closing it removes the mount. All descriptors given must be open for reading; the kernel
/// opens the files again. `source` is "cim:" followed by the image's absolute path, as it will
/// appear in the mount table. Throws kUnsupported, with the kernel's message, if it accepts no
/// files or not these; kLimit if the path is too long.
Descriptor mount_nowhere(int metadata, const std::vector<int>& devices, const std::string& source,
                         bool allow_execution);

/// An attached mount.
class KernelMount {
 public:
  /// Throws kAccessDenied, kIo.
  KernelMount(Descriptor mount, const MountPoint& place);
  KernelMount(const KernelMount&) = delete;
  KernelMount& operator=(const KernelMount&) = delete;
  /// Unmounts lazily, unless leave() was called or it is already unmounted.
  ~KernelMount();

  /// Keeps the mount.
  void leave() noexcept { device_.clear(); }
  /// True if it is still in the mount table.
  bool is_there() const;
  const std::filesystem::path& mount_point() const noexcept { return mount_point_; }

 private:
  std::filesystem::path mount_point_;
  std::string device_;
};

}  // namespace cim::mount::erofs
