// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What closing a layer does with registry hives: a base layer's get a second name, a child's
// differences are laid over the hives of its parents.

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

/// Of a layer without parents. One without any of the five hives is left as it is, with a warning:
/// no container can start from it. Throws kCorrupt if it has some and lacks others, or differences
/// of hives.
void link_base_hives(const OpenLayer& layer);

/// Of a layer with parents, the nearest first. Throws kCorrupt for differences of a hive that no
/// parent has, and what laying them over it throws.
void merge_delta_hives(const OpenLayer& layer, const std::vector<std::filesystem::path>& parents);

/// Reports hives of a base layer that were torn when they were written and that the layer's logs do
/// not make whole: no differences can be merged into them.
void warn_of_torn_hives(const std::filesystem::path& layer, const WarningSink& warning);

}  // namespace cim::layer
