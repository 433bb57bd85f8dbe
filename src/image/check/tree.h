// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The names of the image: from the root down, each directory once.

#include "image/check/context.h"
#include "image/check/filesystem.h"
#include "image/check/records.h"

namespace cim::image_check {

/// Follows all names and tells which files they do not lead to.
void check_tree(const CheckedFilesystem& filesystem, FileMap& files, Context& context);

/// Gives the findings about files the paths of these, as far as names lead to them.
void find_paths(FileMap& files, const CheckedFilesystem& filesystem, Context& context);

}  // namespace cim::image_check
