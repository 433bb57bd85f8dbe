// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Mounts an image through EROFS.

#include <filesystem>
#include <stop_token>
#include <string>

#include "cimlib/mount.h"

#include "mount/base/mount_point.h"

namespace cim::mount::erofs {

/// Returns why EROFS cannot provide what the options ask for; empty if it can.
std::string objection(const Options& options);

/// How to treat files that EROFS cannot show: report them as omissions, or refuse the image.
enum class Missing { kReported, kRefused };

/// A working mount. The guard unmounts it.
struct ErofsMount {
  MountGuard guard;
  Mounted mounted;
};

/// Mounts an image, without an overlay. Throws what find_or_build() throws; kUnsupported if the
/// kernel has no EROFS, does not mount it from files or not from these, or reads other bytes than
/// this library; kAccessDenied if the user may not mount; kLimit for files that cannot be shown,
/// and for paths of images of more than 251 bytes.
ErofsMount mount_image(const std::filesystem::path& path, const std::filesystem::path& mount_point,
                       const Options& options, Missing missing, const std::stop_token& stop = {});

/// Returns once the mount has been unmounted or `stop` is requested.
void wait_until_unmounted(const MountGuard& mount, const std::stop_token& stop);

}  // namespace cim::mount::erofs
