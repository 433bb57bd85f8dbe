// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The mappings of a descriptor divide the file into pieces, each stored further on than in the file
// by the delta of its mapping.
#include "format/pe_image.h"

#include <algorithm>

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

std::uint64_t pe_image_size(const DiskPeImage& head) {
  return sizeof head + std::uint64_t{head.mapping_count} * sizeof(DiskPeMapping);
}

std::optional<PeImage> decode_pe_image(ByteView bytes, std::uint64_t file_size, FindingSink& sink) {
  ByteReader reader(bytes, "");
  const auto disk = reader.read<DiskPeImage>("a PE image descriptor");
  PeImage image = {RegionOffset(disk.data), disk.data_length, disk.image_length, disk.flags, {}};
  if (bytes.size() < pe_image_size(disk)) {
    sink.add(Kind::kPeOutside, offsetof(DiskPeImage, mapping_count),
             fmt::format("{} mappings do not fit into a descriptor of {} bytes",
                         std::uint16_t{disk.mapping_count}, bytes.size()));
    return std::nullopt;
  }
  if (image.data_length != file_size) {
    sink.add(
        Kind::kPeLength, offsetof(DiskPeImage, data_length),
        fmt::format("an executable of {} bytes in a file of {}", image.data_length, file_size));
  }
  if (image.flags != PeImage::kValidImage) {
    sink.add(Kind::kPeFlags, offsetof(DiskPeImage, flags),
             fmt::format("flags {:#x}, expected 1 (a valid image)", image.flags));
  }
  image.mappings.reserve(disk.mapping_count);
  for (std::size_t offset = sizeof disk; offset < pe_image_size(disk);
       offset += sizeof(DiskPeMapping)) {
    const auto mapping = reader.read<DiskPeMapping>("a PE mapping");
    const std::uint32_t from = mapping.file_offset;
    if (!image.mappings.empty() && from <= image.mappings.back().file_offset) {
      sink.add(Kind::kPeOrder, offset,
               fmt::format("the mapping from byte {} follows the one from byte {}", from,
                           image.mappings.back().file_offset));
      return std::nullopt;
    }
    if (from >= file_size) {
      sink.add(Kind::kPeEnd, offset,
               fmt::format("a mapping from byte {} in a file of {} bytes", from, file_size));
    }
    image.mappings.push_back({from, mapping.delta});
  }
  return image;
}

// Bytes before the first mapping are stored at the same offset. Pieces past the end of the file are
// dropped.
std::vector<PePiece> pieces_of(const PeImage& image, std::uint64_t file_size) {
  std::vector<PePiece> pieces;
  PeMapping current;
  const auto end_piece = [&](std::uint64_t end) {
    end = std::min(end, file_size);
    if (current.file_offset < end) {
      pieces.push_back({current.file_offset, end - current.file_offset,
                        std::uint64_t{current.file_offset} + current.delta});
    }
  };
  for (const PeMapping& mapping : image.mappings) {
    end_piece(mapping.file_offset);
    current = mapping;
  }
  end_piece(file_size);
  return pieces;
}

}  // namespace cim::format
