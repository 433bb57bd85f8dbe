// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/pe_image.h"

#include <fmt/format.h>

namespace cim::format {

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
      reader.fail(fmt::format("PE mapping {} is out of order", i));
    }
    image.mappings.push_back({mapping.file_offset, mapping.delta});
  }
  return image;
}

}  // namespace cim::format
