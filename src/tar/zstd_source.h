// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The bytes of a zstd stream.

#include <memory>

#include "tar/source.h"

namespace cim::tar {

/// Unpacks one zstd frame after another; skippable frames are skipped. Throws kUnsupported in a
/// build without zstd.
std::unique_ptr<Source> make_zstd_source(std::unique_ptr<Source> packed);

}  // namespace cim::tar
