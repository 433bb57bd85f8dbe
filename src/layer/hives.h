// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Processes a layer's registry hives when the layer is closed: a base layer's get a second name, a
// child's differences are merged into the hives of its parents.

#include <filesystem>
#include <vector>

#include "cimlib/image_writer.h"
#include "cimlib/progress.h"

#include "layer/sidecar_staging.h"

namespace cim::layer {

/// The layer that is being closed.
struct OpenLayer {
  ImageWriter& image;
  SidecarStaging& sidecars;
  FileTime now;
  const WarningSink& warning;
};

/// For a layer without parents. If it has none of the five hives, it is left unchanged, with a
/// warning that no container can start from it. Throws kCorrupt if it has some and lacks others, or
/// has differences of hives.
void link_base_hives(const OpenLayer& layer);

/// For a layer with parents, the nearest first. Throws kCorrupt for differences of a hive that no
/// parent has, and what merging throws.
void merge_delta_hives(const OpenLayer& layer, const std::vector<std::filesystem::path>& parents);

/// Reports hives of a base layer that were torn when they were written and can't be recovered from
/// the layer's logs: no differences can be merged into them.
void warn_of_torn_hives(const std::filesystem::path& layer, const WarningSink& warning);

}  // namespace cim::layer
