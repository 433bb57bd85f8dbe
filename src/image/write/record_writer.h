// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Creates the record of a file from the caller's metadata and stores the objects that the record
// refers to.

#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"

#include "format/file_record.h"
#include "image/write/object_store.h"

namespace cim {

/// Returns the record of a file or directory that has no data, no alternate streams and no parent
/// yet. Throws kLimit or kInvalidArgument, naming `path`, for metadata that a record cannot store.
format::FileRecord write_record(ObjectStore& store, const ImagePath& path,
                                const FileMetadata& metadata);

}  // namespace cim
