// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checks of the layers that a store already has, before a layer is written or removed.

#include <vector>

#include "cimlib/layer_paths.h"

namespace cim::layer {

/// Like is_cim_layer(), but throws if the answer cannot be determined, so that nothing is written
/// or removed by mistake.
bool has_image(const LayerPaths& layer);

/// Throws kNotFound or kInvalidArgument unless these can be the parents of the layer: the image of
/// each in the same directory, and based on that of the next one.
void check_parents(const LayerPaths& layer, const std::vector<LayerPaths>& parents);

}  // namespace cim::layer
