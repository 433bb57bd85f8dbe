// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "layer/layer_marker.h"

namespace cim::layer {

/// The marker that proof by content gives the layer's directory: it names the files that writing a
/// layer makes and that hold what the image says they must, and the directories above them. It
/// names nothing if the image cannot be read.
LayerMarker matching_files(const std::filesystem::path& layer);

}  // namespace cim::layer
