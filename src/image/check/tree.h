// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checks the names of the image from the root down, visiting each directory once.

#include "image/check/context.h"
#include "image/check/filesystem.h"
#include "image/check/records.h"

namespace cim::image_check {

/// Follows all names and reports files to which no name refers.
void check_tree(const CheckedFilesystem& filesystem, FileMap& files, Context& context);

/// Adds paths to the findings about files that have names.
void find_paths(FileMap& files, const CheckedFilesystem& filesystem, Context& context);

}  // namespace cim::image_check
