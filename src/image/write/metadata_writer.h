// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes metadata into a region set: first each file's record, with the objects that it refers to;
// at the end the directories, stream tables and file tables of the whole tree. Unchanged metadata
// of the base is not written again.

#include <vector>

#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"

#include "format/file_record.h"
#include "format/header.h"
#include "format/region_offset.h"
#include "image/write/object_store.h"
#include "image/write/tree.h"

namespace cim {

/// Returns the record of a file or directory that has no data, no alternate streams and no parent
/// yet. Throws kLimit or kInvalidArgument, naming `path`, for metadata that a record cannot store.
format::FileRecord write_record(ObjectStore& store, const ImagePath& path,
                                const FileMetadata& metadata);

/// The result of writing a tree.
struct WrittenMetadata {
  format::RegionOffset filesystem;
  std::uint64_t new_files = 0;
  std::vector<format::BackReference>
      back_references;  // in order; only names in directories that are written
};

/// Writes all metadata that is not in the base. Omits new files that have no name any more.
WrittenMetadata write_metadata(Tree& tree, ObjectStore& store);

}  // namespace cim
