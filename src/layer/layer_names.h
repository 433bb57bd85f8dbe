// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include "layer/path_tree.h"

namespace cim::layer {

/// The kind of entry that one tar has added at a path so far.
enum class Added {
  kAbove,      ///< nothing itself, but something below it
  kDirectory,  ///< a directory
  kOther,      ///< anything else
};

/// The paths that one tar has added so far. Whiteouts are not recorded: they hide only what lower
/// layers have.
using LayerNames = PathTree<Added>;

}  // namespace cim::layer
