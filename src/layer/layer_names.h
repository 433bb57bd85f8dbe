// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include "layer/path_tree.h"

namespace cim::layer {

/// What one tar has added at a path so far.
enum class Added {
  kAbove,      ///< nothing, but something below it
  kDirectory,  ///< a directory
  kOther,      ///< anything else
};

/// The paths that one tar has added so far. A whiteout hides what lower layers have, so that these
/// are not its business.
using LayerNames = PathTree<Added>;

}  // namespace cim::layer
