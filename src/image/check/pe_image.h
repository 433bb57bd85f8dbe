// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checks expanded executables: the descriptor, its mappings, and that these match the headers.

#include "format/stream.h"
#include "image/check/context.h"

namespace cim::image_check {

/// Checks the stream of type PE image whose sixteen bytes are at `spot`.
void check_pe_image(const format::Stream& stream, const Spot& spot, Context& context);

/// Checks that data are in a region of the type that their length requires, and aligned
/// accordingly. The data must be within a region.
void check_data_place(format::RegionOffset offset, std::uint64_t length, const Spot& spot,
                      Context& context);

}  // namespace cim::image_check
