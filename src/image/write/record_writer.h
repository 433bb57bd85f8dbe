// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Makes a file's record from the caller's metadata, and stores what the record points to.

#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"

#include "format/file_record.h"
#include "image/write/object_store.h"

namespace cim {

/// Returns the record of a file or directory that has no data, no alternate streams and no parent
/// yet. Throws kLimit or kInvalidArgument, naming `path`, for metadata that a record can't hold.
format::FileRecord write_record(ObjectStore& store, const ImagePath& path,
                                const FileMetadata& metadata);

}  // namespace cim
