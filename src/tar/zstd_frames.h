// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Single zstd frames (RFC 8878), each of which can be unpacked without the others.

#include <span>
#include <string>

#include "base/bytes.h"

namespace cim::tar {

/// Compresses bytes into one frame that states their size and has a checksum. Throws kUnsupported
/// in a build without zstd, as does the next function.
Bytes pack_zstd_frame(ByteView plain);

/// Decompresses a frame that must unpack to exactly `plain.size()` bytes. Throws kCorrupt, naming
/// `subject`.
void unpack_zstd_frame(ByteView packed, std::span<std::byte> plain, const std::string& subject);

}  // namespace cim::tar
