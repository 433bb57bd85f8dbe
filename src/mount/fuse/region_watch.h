// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Detects changes to the region files of a mounted image.

#include <cstdint>

#include "cimlib/image.h"

namespace cim::mount {

/// To be called after `size` bytes at `offset` of a stream of the image have been read. The regions
/// of an image must not be written to, but a mount may exist for long, and overwritten bytes must
/// not be taken for the image's. Throws kCorrupt if a region that they came from has another size,
/// or was written to, since the image was opened. Changes that leave no trace there (a time set
/// back, a write to the underlying disk) are not detected.
void require_unchanged(const Image& image, const Stream& stream, std::uint64_t offset,
                       std::uint64_t size);

}  // namespace cim::mount
