// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Processes a layer's registry hives when the layer is closed: the hives of a base layer get a
// second name; the delta hives of a child are merged into the hives of its parents.

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

/// For a layer without parents. If it has none of the five hives, changes nothing and warns that
/// containers cannot start from it. Throws kCorrupt if it has only some of them, or has delta
/// hives.
void link_base_hives(const OpenLayer& layer);

/// For a layer with `parents`, the immediate parent first. Throws kCorrupt for the delta of a hive
/// that no parent has, and what merging throws.
void merge_delta_hives(const OpenLayer& layer, const std::vector<std::filesystem::path>& parents);

/// Warns of hives of a base layer that are torn and cannot be recovered from the layer's logs: no
/// deltas can be merged into them.
void warn_of_torn_hives(const std::filesystem::path& layer, const WarningSink& warning);

}  // namespace cim::layer
