// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The descriptor of an executable that is stored as the memory manager maps it (docs/format.md, "PE
// images").

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/endian.h"
#include "format/region_offset.h"

namespace cim::format {

/// From this offset of the file on, a byte lies `delta` further in the stored image than in the
/// file.
struct PeMapping {
  std::uint32_t file_offset = 0;
  std::uint32_t delta = 0;

  bool operator==(const PeMapping&) const = default;
};

struct PeImage {
  RegionOffset data;
  std::uint64_t data_length = 0;   ///< bytes of the file
  std::uint32_t image_length = 0;  ///< bytes of the image in memory
  std::uint16_t flags = 0;
  std::vector<PeMapping> mappings;

  static constexpr std::uint16_t kValidImage = 1;
};

inline constexpr std::size_t kPeImageHeaderSize = 24;
inline constexpr std::size_t kPeMappingSize = 8;

/// The descriptor as it lies on disk, and the mappings behind it.
struct DiskPeImage {
  Le64 data;           // 0
  Le64 data_length;    // 8
  Le32 image_length;   // 16
  Le16 mapping_count;  // 20
  Le16 flags;          // 22
};
static_assert(sizeof(DiskPeImage) == kPeImageHeaderSize);
static_assert(offsetof(DiskPeImage, flags) == 22);

struct DiskPeMapping {
  Le32 file_offset;  // 0
  Le32 delta;        // 4
};
static_assert(sizeof(DiskPeMapping) == kPeMappingSize);

Bytes encode(const PeImage& image);

/// How many mappings follow a descriptor's fixed part, so that the whole of it can be read.
std::uint16_t pe_mapping_count(ByteView header, std::string_view source, std::uint64_t offset);

/// Throws kCorrupt for mappings that don't ascend. `offset` is where the bytes lie in `source`.
PeImage decode_pe_image(ByteView bytes, std::string_view source, std::uint64_t offset);

}  // namespace cim::format
