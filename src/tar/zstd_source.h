// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The decompressed bytes of a zstd stream.

#include <memory>

#include "tar/source.h"

namespace cim::tar {

/// Decompresses consecutive zstd frames and skips skippable frames. Throws kUnsupported in a build
/// without zstd.
std::unique_ptr<Source> make_zstd_source(std::unique_ptr<Source> packed);

}  // namespace cim::tar
