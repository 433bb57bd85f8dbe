// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Decompression of plain, gzip (RFC 1952) and zstd (RFC 8878) input, told apart by the first bytes.

#include <memory>

#include "tar/source.h"

namespace cim::tar {

/// Returns a source of the decompressed bytes of `input`, which must outlive it. Throws
/// kUnsupported for other compressions. Reading throws kCorrupt, naming the input and the offset in
/// it, for data that are damaged or truncated and for anything but zeros after a gzip stream;
/// kLimit for a zstd window larger than 128 MiB.
std::unique_ptr<Source> decompress(Source& input);

}  // namespace cim::tar
