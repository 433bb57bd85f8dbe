// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Mounts images through FUSE, in this process or in one of their own.

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "cimlib/mount.h"

#include "mount/base/mount_point.h"

namespace cim::mount::fuse {

/// Mounts an overlay on top of the mount point, which shows the image named by `source`. Called in
/// the process that serves, once the image can be read; the server unmounts the overlay before the
/// image. Empty unless the mount is to be writable.
using OverlayMounter =
    std::function<MountGuard(const std::string& source, const std::filesystem::path& mount_point)>;

/// As mount::serve_foreground(), but leaves Options::backend and Options::upper to the caller,
/// except that names are looked up exactly by default if Options::upper is set.
void serve_foreground(const std::filesystem::path& image, const std::filesystem::path& mount_point,
                      const Options& options, const OverlayMounter& mount_overlay,
                      const Events& events, const std::stop_token& stop);

/// As mount::mount_in_background(). Returns when the mount is ready.
void mount_in_background(const std::filesystem::path& image,
                         const std::filesystem::path& mount_point, const Options& options,
                         const OverlayMounter& mount_overlay);

}  // namespace cim::mount::fuse
