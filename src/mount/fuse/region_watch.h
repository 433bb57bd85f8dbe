// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Whether the region files of a mounted image are still what they were.

#include <cstdint>

#include "cimlib/image.h"

namespace cim::mount {

/// To be called after `size` bytes at `offset` of a stream of the image have been read. Nobody may
/// write to the region of an image, but a mount lives long, and bytes that somebody has written
/// over must not pass for the image's. Throws kCorrupt if a region that they came from has another
/// size or was written to since the image was opened; what leaves no trace there (a time set back,
/// a write to the disk below) is not noticed.
void require_unchanged(const Image& image, const Stream& stream, std::uint64_t offset,
                       std::uint64_t size);

}  // namespace cim::mount
