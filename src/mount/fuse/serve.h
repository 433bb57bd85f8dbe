// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// serve_foreground() and mount_in_background() through FUSE.

#include <filesystem>
#include <stop_token>

#include "cimlib/mount.h"

namespace cim::mount {

void serve_fuse_foreground(const std::filesystem::path& image,
                           const std::filesystem::path& mount_point, const Options& options,
                           const Events& events, const std::stop_token& stop);

/// Returns when the mount is ready.
void mount_fuse_in_background(const std::filesystem::path& image,
                              const std::filesystem::path& mount_point, const Options& options);

}  // namespace cim::mount
