// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>

namespace cim::layer {

/// Where an image is mounted, if it is. One implementation for builds that can mount, one for the
/// others.
std::optional<std::filesystem::path> mount_point_of(const std::filesystem::path& image);

}  // namespace cim::layer
