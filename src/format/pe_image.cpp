// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/pe_image.h"

#include <cstddef>

#include <fmt/format.h>

#include "base/endian.h"

namespace cim::format {
namespace {

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

}  // namespace

Bytes encode(const PeImage& image) {
  Bytes bytes;
  append(bytes, DiskPeImage{image.data.raw(), image.data_length, image.image_length,
                            static_cast<std::uint16_t>(image.mappings.size()), image.flags});
  for (const PeMapping& mapping : image.mappings) {
    append(bytes, DiskPeMapping{mapping.file_offset, mapping.delta});
  }
  return bytes;
}

std::uint16_t pe_mapping_count(ByteView header, std::string_view source, std::uint64_t offset) {
  ByteReader reader(header, source, offset);
  return reader.read<DiskPeImage>("a PE image descriptor").mapping_count;
}

PeImage decode_pe_image(ByteView bytes, std::string_view source, std::uint64_t offset) {
  ByteReader reader(bytes, source, offset);
  const auto disk = reader.read<DiskPeImage>("a PE image descriptor");
  PeImage image = {RegionOffset(disk.data), disk.data_length, disk.image_length, disk.flags, {}};
  image.mappings.reserve(disk.mapping_count);
  for (int i = 0; i < disk.mapping_count; ++i) {
    const auto mapping = reader.read<DiskPeMapping>("a PE mapping");
    if (i > 0 && mapping.file_offset <= image.mappings.back().file_offset) {
      reader.fail(fmt::format("PE mapping {} does not ascend", i));
    }
    image.mappings.push_back({mapping.file_offset, mapping.delta});
  }
  return image;
}

}  // namespace cim::format
