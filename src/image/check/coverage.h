// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checks how the bytes of a region are divided among its objects.

#include <span>

#include "image/check/context.h"
#include "image/check/object_ids.h"

namespace cim::image_check {

/// Objects of data that can't be verified because they have no object id.
struct Unidentified {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

/// Looks for objects that overlap and, in the image's own regions, for unused objects and for bytes
/// outside all objects. `claims` are all claims in the region, sorted by offset.
Unidentified check_coverage(const CheckedRegion& region, std::span<const Claim> claims,
                            CheckedObjectIds ids, Context& context);

}  // namespace cim::image_check
