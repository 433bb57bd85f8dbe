// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes a tree's metadata into a region set: directories, stream tables, file tables, and the
// objects that lead to them. Of an image that the tree starts from, what did not change is left
// where it is.

#include <vector>

#include "format/header.h"
#include "format/region_offset.h"
#include "image/write/object_store.h"
#include "image/write/tree.h"

namespace cim {

struct WrittenMetadata {
  format::RegionOffset filesystem;
  std::uint64_t new_files = 0;
  std::vector<format::BackReference>
      back_references;  // in order; those in directories that are written
};

/// New files that have no name any more are left out.
WrittenMetadata write_metadata(Tree& tree, ObjectStore& store);

}  // namespace cim
