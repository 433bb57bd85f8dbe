// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "cimlib/image.h"

namespace cim::layer {

/// Returns the image in `directory` of which an image with these region sets is a fork: the one
/// that has all of them but the last. nullopt if there is none.
std::optional<std::filesystem::path> find_parent_image(const std::filesystem::path& directory,
                                                       const std::vector<RegionSet>& region_sets);

}  // namespace cim::layer
