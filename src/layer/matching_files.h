// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include "cimlib/layer_paths.h"

#include "layer/layer_marker.h"

namespace cim::layer {

/// Returns a marker derived from the contents of the layer's directory. It names the sidecar files
/// whose bytes are the ones that the image requires, and the directories above them. It names
/// nothing if the image cannot be read.
LayerMarker matching_files(const LayerPaths& layer);

}  // namespace cim::layer
