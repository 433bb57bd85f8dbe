// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Plain, gzip (RFC 1952) and zstd (RFC 8878) told apart by their first bytes, and unpacked.

#include <memory>

#include "tar/source.h"

namespace cim::tar {

/// The plain bytes of `input`, which must outlive the result. Other compressions are refused with
/// kUnsupported. Reading throws kCorrupt, naming the input and the offset in it, for data that are
/// damaged or cut off, and for anything but zeros behind a gzip stream; kLimit for a zstd window
/// larger than 128 MiB.
std::unique_ptr<Source> decompress(Source& input);

}  // namespace cim::tar
