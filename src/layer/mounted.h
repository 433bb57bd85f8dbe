// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>

namespace cim::layer {

/// Returns the mount point of an image; nullopt if it is not mounted. There is one implementation
/// for builds that can mount, and one for the others.
std::optional<std::filesystem::path> mount_point_of(const std::filesystem::path& image);

}  // namespace cim::layer
