// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The alternate streams of a file that an overlay copied: it copied those that the mount showed.

#include <vector>

#include "cimlib/image.h"

#include "layer/commit/upper_entry.h"

namespace cim::layer {

/// Returns the streams of a file of the image that the copy `entry` lacks because a mount cannot
/// show them as extended attributes; all that it lacks if `had_attributes` is false. The others
/// were removed from it. Returns none for a file whose copying the overlay did not record, unless
/// its attributes show that it is a copy: a new file has no streams of the one that it replaced.
std::vector<StreamInfo> streams_not_copied(const UpperEntry& entry, const Image& image,
                                           FileId source, bool had_attributes);

}  // namespace cim::layer
