// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A file's record in two parts: what its metadata say at once, and where its objects are, which is
// known when they are stored.

#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"

#include "format/file_record.h"
#include "image/store_queue.h"
#include "image/tree.h"

namespace cim {

/// Refuses, with kLimit or kInvalidArgument, objects that no record can refer to.
void check_objects(const ImagePath& path, const FileMetadata& metadata);

/// All but where the objects are, which must have been checked.
format::FileRecord record_of(const FileMetadata& metadata);

/// Notes in the tree where an object is. A file that was removed meanwhile may get it or not.
void note(Tree& tree, const Stored& stored);

}  // namespace cim
