// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes a tree's metadata into a region set: directories, stream tables, file tables, and the
// objects that lead to them.

#include "format/region_offset.h"
#include "image/object_store.h"
#include "image/tree.h"

namespace cim {

/// Returns where the Filesystem object lies. Dead files of the tree are left out, so the ids
/// written are without gaps.
format::RegionOffset write_metadata(Tree& tree, ObjectStore& store);

}  // namespace cim
