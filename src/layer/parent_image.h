// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "cimlib/image.h"

namespace cim::layer {

/// Returns the base of an image with these region sets: the image in `directory` that has all of
/// them but the last. nullopt if there is none.
std::optional<std::filesystem::path> find_parent_image(const std::filesystem::path& directory,
                                                       const std::vector<RegionSet>& region_sets);

}  // namespace cim::layer
