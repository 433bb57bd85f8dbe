// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A record's reference to bytes: a stream (docs/format.md, "Streams").

#include <cstddef>
#include <cstdint>

#include "base/endian.h"
#include "format/finding.h"
#include "format/region_offset.h"

namespace cim::format {

enum class StreamType : std::uint8_t { kData = 0, kLinkTable = 1, kPeImage = 2 };

/// Where the bytes of a file, or the names of a directory, are stored.
struct Stream {
  RegionOffset data;         ///< of the bytes, the link table or the PE descriptor
  std::uint64_t length = 0;  ///< in bytes, below 2^48
  StreamType type = StreamType::kData;
  bool sparse = false;

  static constexpr std::uint64_t kMaxLength = (std::uint64_t{1} << 48) - 1;

  bool operator==(const Stream&) const = default;
};

/// The 16 bytes on disk.
struct DiskStream {
  Le64 data;             // 0
  Le64 length_and_type;  // 8: bits 0-47 length, 48-55 type, 56 sparse, others unused
};
static_assert(sizeof(DiskStream) == 16);

inline DiskStream encode(const Stream& stream) {
  return {stream.data.raw(), (stream.length & Stream::kMaxLength) |
                                 std::uint64_t{static_cast<std::uint8_t>(stream.type)} << 48 |
                                 std::uint64_t{stream.sparse} << 56};
}

/// Accepts any bits; an unknown type is kept for the reader to reject.
inline Stream decode(const DiskStream& disk) {
  const std::uint64_t packed = disk.length_and_type;
  return {RegionOffset(disk.data), packed & Stream::kMaxLength,
          static_cast<StreamType>(packed >> 48 & 0xFF), (packed >> 56 & 1) != 0};
}

/// Reports bits that have no meaning and are not zero.
inline void check_unused(const DiskStream& disk, FindingSink& sink) {
  check_reserved(disk.length_and_type >> 57, offsetof(DiskStream, length_and_type), sink);
}

}  // namespace cim::format
