// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "cimlib/image.h"

namespace cim::layer {

/// The image that an image with these region sets is a fork of, in `directory`: the one that has
/// all of them but the last. Nothing if none there has.
std::optional<std::filesystem::path> find_parent_image(const std::filesystem::path& directory,
                                                       const std::vector<RegionSet>& region_sets);

}  // namespace cim::layer
