// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// How the bytes of a region are shared out among the objects in it.

#include <span>

#include "image/check/context.h"
#include "image/check/object_ids.h"

namespace cim::image_check {

/// Objects of data that nobody can verify, as they have no object id.
struct Unidentified {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

/// `claims` are all that lead into the region, by place. Looks for objects that overlap and, in
/// regions of the image's own, for objects that nothing uses and bytes that belong to none.
Unidentified check_coverage(const CheckedRegion& region, std::span<const Claim> claims,
                            CheckedObjectIds ids, Context& context);

}  // namespace cim::image_check
