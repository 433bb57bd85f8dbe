// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Processes a layer's registry hives when the layer is closed: the hives of a base layer get a
// second name; the delta hives of a child are merged into the hives of its parents.

#include <vector>

#include "cimlib/image_writer.h"
#include "cimlib/layer_paths.h"
#include "cimlib/progress.h"

#include "layer/sidecar_staging.h"

namespace cim::layer {

/// The layer that is being closed.
struct OpenLayer {
  ImageWriter& image;
  SidecarStaging& sidecars;
  FileTime made_time;  ///< of the files that are created
  const WarningSink& warning;
};

/// Adds Hives/NAME_BASE as a second name of each hive of a layer without parents, and the file
/// `layout`. If the layer has none of the five hives, changes nothing and warns that containers
/// cannot start from it. Throws kCorrupt if it has only some of them, or has delta hives.
void link_base_hives(const OpenLayer& layer);

/// Adds Hives/NAME_BASE for each delta hive of a layer with `parents`, the immediate parent first.
/// Throws kCorrupt for the delta of a hive that no parent has, and what merging throws.
void merge_delta_hives(const OpenLayer& layer, const std::vector<LayerPaths>& parents);

/// Warns of hives of a base layer that are dirty and cannot be recovered from the layer's logs: no
/// deltas can be merged into them. The layer must be published, because its image has the logs.
void warn_of_dirty_hives(const LayerPaths& layer, const WarningSink& warning);

}  // namespace cim::layer
