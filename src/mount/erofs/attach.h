// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Mounts an image through EROFS.

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "cimlib/mount.h"

#include "mount/erofs/kernel_mount.h"
#include "mount/overlay.h"

namespace cim::mount::erofs {

/// Returns why EROFS cannot provide what the options ask for; empty if it can.
std::string objection(const Options& options);

/// How to treat files that EROFS cannot show: report them as omissions, or refuse the image.
enum class Missing { kTold, kRefused };

/// A working mount with its optional overlay. Unmounted by the destructor unless leave() was
/// called.
class ErofsMount {
 public:
  /// Throws what find_or_build() and mount_nowhere() throw, kUnsupported if the kernel reads other
  /// bytes than this library, and kLimit for files that cannot be shown.
  ErofsMount(const std::filesystem::path& path, const std::filesystem::path& mount_point,
             const Options& options, Missing missing, const std::stop_token& stop = {});

  const Mounted& mounted() const noexcept { return mounted_; }

  /// Keeps the mount when this process ends.
  void leave() noexcept;

  /// Returns once it has been unmounted or `stop` is requested.
  void wait(const std::stop_token& stop) const;

 private:
  std::optional<KernelMount> mount_;
  std::optional<Overlay> overlay_;  // destroyed first
  Mounted mounted_;
};

}  // namespace cim::mount::erofs
