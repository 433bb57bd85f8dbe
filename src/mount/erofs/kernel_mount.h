// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// EROFS mounts of the kernel.

#include <filesystem>
#include <string>
#include <vector>

#include "mount/mount_point.h"
#include "os/descriptor_posix.h"

namespace cim::mount::erofs {

/// Throws kUnsupported for a kernel without EROFS, kAccessDenied for a user who may not mount it.
void require_kernel();

/// A mount that is nowhere yet: the descriptor is its root, for openat(2), and it goes with it. All
/// descriptors are of files for reading; the kernel opens them again. `source` is "cim:" and the
/// image's absolute path, and stands in the mount table. Throws kUnsupported, with the kernel's own
/// words, where it takes no files or not these; kLimit for a path too long for it.
Descriptor mount_nowhere(int metadata, const std::vector<int>& devices, const std::string& source,
                         bool allow_execution);

/// The same in its place.
class KernelMount {
 public:
  /// Throws kAccessDenied, kIo.
  KernelMount(Descriptor mount, const MountPoint& place);
  KernelMount(const KernelMount&) = delete;
  KernelMount& operator=(const KernelMount&) = delete;
  /// Unmounts lazily, unless leave() was called or somebody unmounted it.
  ~KernelMount();

  /// It stays.
  void leave() noexcept { device_.clear(); }
  /// Whether it is still in the mount table.
  bool is_there() const;
  const std::filesystem::path& mount_point() const noexcept { return mount_point_; }

 private:
  std::filesystem::path mount_point_;
  std::string device_;
};

}  // namespace cim::mount::erofs
