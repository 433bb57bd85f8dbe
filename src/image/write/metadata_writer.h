// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes a tree's metadata to a region set: directories, stream tables, file tables, and the
// objects that refer to them. Unchanged metadata of the base is not written again.

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
      back_references;  // in order; only names in directories that are written
};

/// Omits new files that have no name any more.
WrittenMetadata write_metadata(Tree& tree, ObjectStore& store);

}  // namespace cim
