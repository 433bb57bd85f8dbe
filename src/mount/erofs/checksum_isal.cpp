// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// CRC-32C by ISA-L.
#include <algorithm>

#include <isa-l/crc.h>

#include "mount/erofs/disk_structs.h"

namespace cim::mount::erofs {

std::uint32_t checksum(ByteView bytes, std::uint32_t start) {
  constexpr std::size_t kPiece = std::size_t{1} << 30;  // the function takes an int
  while (!bytes.empty()) {
    const ByteView piece = bytes.first(std::min(bytes.size(), kPiece));
    // The function takes a pointer to non-const, but only reads.
    auto* const begin =
        const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(piece.data()));
    start = ::crc32_iscsi(begin, static_cast<int>(piece.size()), start);
    bytes = bytes.subspan(piece.size());
  }
  return start;
}

}  // namespace cim::mount::erofs
