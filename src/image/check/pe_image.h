// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Expanded executables: the descriptor, its mappings, and whether they are those of the headers.

#include "format/stream.h"
#include "image/check/context.h"

namespace cim::image_check {

/// The stream of type PE image whose sixteen bytes lie at `spot`.
void check_pe_image(const format::Stream& stream, const Spot& spot, Context& context);

/// Whether data lie in a region of the type that their length asks for, and as it demands. They
/// must lie in a region.
void check_data_place(format::RegionOffset offset, std::uint64_t length, const Spot& spot,
                      Context& context);

}  // namespace cim::image_check
