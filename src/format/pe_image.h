// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The descriptor of an executable that is stored as the memory manager maps it (docs/format.md, "PE
// images").

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/endian.h"
#include "format/finding.h"
#include "format/region_offset.h"

namespace cim::format {

/// From this file offset on, each byte is stored `delta` bytes further on in the image than in the
/// file.
struct PeMapping {
  std::uint32_t file_offset = 0;
  std::uint32_t delta = 0;

  bool operator==(const PeMapping&) const = default;
};

/// A decoded descriptor.
struct PeImage {
  RegionOffset data;
  std::uint64_t data_length = 0;   ///< size of the file in bytes
  std::uint32_t image_length = 0;  ///< size of the image in memory, in bytes
  std::uint16_t flags = 0;
  std::vector<PeMapping> mappings;

  static constexpr std::uint16_t kValidImage = 1;
};

inline constexpr std::size_t kPeImageHeaderSize = 24;
inline constexpr std::size_t kPeMappingSize = 8;

/// The descriptor as stored on disk; the mappings follow it.
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

/// Returns the size in bytes of a descriptor, with its mappings.
std::uint64_t pe_image_size(const DiskPeImage& head);

/// Decodes the descriptor of a file of `file_size` bytes and reports what is wrong with it. `bytes`
/// holds at least its fixed part. Returns nullopt if mappings are missing or do not ascend.
std::optional<PeImage> decode_pe_image(ByteView bytes, std::uint64_t file_size, FindingSink& sink);

/// A run of the file's bytes in the stored object.
struct PePiece {
  std::uint64_t from = 0;   ///< in the file
  std::uint64_t size = 0;   ///< in bytes
  std::uint64_t place = 0;  ///< from the start of the object

  std::uint64_t end() const noexcept { return place + size; }
};

/// Returns the pieces in the order of the file. Their values have at most 48 bits, so that sums
/// cannot overflow.
std::vector<PePiece> pieces_of(const PeImage& image, std::uint64_t file_size);

}  // namespace cim::format
