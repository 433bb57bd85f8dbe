// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Where a mount shall go.

#include <filesystem>

namespace cim::mount {

/// The path as the mount table will have it. Throws kNotFound, kInvalidArgument for what is no
/// directory, kBusy where a mount is whose server has gone.
std::filesystem::path checked_mount_point(const std::filesystem::path& path);

}  // namespace cim::mount
