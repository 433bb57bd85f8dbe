// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checks of the layers that a store already has, before a layer is written or removed.

#include <filesystem>
#include <vector>

namespace cim::layer {

/// Like is_cim_layer(), but throws if the answer cannot be determined, so that nothing is written
/// or removed by mistake.
bool has_image(const std::filesystem::path& layer);

/// Throws kNotFound or kInvalidArgument unless these can be the parents of the layer: each in the
/// same store, and on top of the next one.
void check_parents(const std::filesystem::path& layer,
                   const std::vector<std::filesystem::path>& parents);

}  // namespace cim::layer
