// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/pe_image.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/checked_math.h"
#include "format/pe_image.h"
#include "image/read/pe_layout.h"

namespace cim::image_check {
namespace {

constexpr std::string_view kDescriptor = "the descriptor of the executable";

// A run of the file's bytes in the stored object.
struct Piece {
  std::uint64_t from = 0;   // in the file
  std::uint64_t size = 0;   // bytes
  std::uint64_t place = 0;  // from the start of the object

  std::uint64_t end() const { return place + size; }
};

// Returns the pieces that the mappings describe. All values have at most 48 bits, so sums can't
// overflow.
std::vector<Piece> pieces_of(const std::vector<format::PeMapping>& mappings, std::uint64_t length) {
  std::vector<Piece> pieces;
  format::PeMapping current;
  const auto end_piece = [&](std::uint64_t end) {
    if (current.file_offset < std::min(end, length)) {
      pieces.push_back({current.file_offset, std::min(end, length) - current.file_offset,
                        std::uint64_t{current.file_offset} + current.delta});
    }
  };
  for (const format::PeMapping& mapping : mappings) {
    end_piece(mapping.file_offset);
    current = mapping;
  }
  end_piece(length);
  return pieces;
}

std::uint32_t delta_at(const std::vector<format::PeMapping>& mappings, std::uint32_t file_offset) {
  std::uint32_t delta = 0;
  for (const format::PeMapping& mapping : mappings) {
    delta = mapping.file_offset <= file_offset ? mapping.delta : delta;
  }
  return delta;
}

class PeChecker {
 public:
  PeChecker(const format::Stream& stream, const Spot& spot, Context& context)
      : stream_(stream), spot_(spot), context_(context), findings_(context.findings) {}

  void check() {
    format::DiskPeImage head{};
    if (!context_.regions.read(stream_.data, std::as_writable_bytes(std::span(&head, 1)),
                               kDescriptor, spot_)) {
      return;
    }
    const std::uint64_t size =
        sizeof head + std::uint64_t{head.mapping_count} * sizeof(format::DiskPeMapping);
    const auto bytes = context_.regions.read(stream_.data, size, kDescriptor, spot_);
    if (!bytes) {
      return;
    }
    context_.regions.check_metadata_place(stream_.data, kDescriptor, spot_);
    context_.claim(stream_.data, size, ObjectKind::kPeDescriptor, spot_.id);
    descriptor_ = context_.regions.spot(stream_.data, spot_.id, spot_.stream);
    check_fields(head);
    if (read_mappings(*bytes) && check_object(head)) {
      check_layout(head);
    }
  }

 private:
  Spot field(std::size_t offset) const { return descriptor_.at(offset); }

  void check_fields(const format::DiskPeImage& head) {
    if (head.data_length != stream_.length) {
      findings_.add(Kind::kPeLength, field(offsetof(format::DiskPeImage, data_length)),
                    fmt::format("an executable of {} bytes in a file of {}",
                                std::uint64_t{head.data_length}, stream_.length));
    }
    if (head.flags != format::PeImage::kValidImage) {
      findings_.add(
          Kind::kPeFlags, field(offsetof(format::DiskPeImage, flags)),
          fmt::format("flags {:#x}, expected 1 (a valid image)", std::uint16_t{head.flags}));
    }
    if (head.image_length % kPageSize != 0) {
      findings_.add(Kind::kPeImageLength, field(offsetof(format::DiskPeImage, image_length)),
                    fmt::format("{} bytes in memory, which is not a multiple of the page size",
                                std::uint32_t{head.image_length}));
    }
  }

  // Returns whether the mappings are consistent.
  bool read_mappings(const Bytes& bytes) {
    ByteReader reader(bytes, "");
    reader.seek(sizeof(format::DiskPeImage), "PE mappings");
    Spot spot = field(sizeof(format::DiskPeImage));
    while (reader.remaining() > 0) {
      const auto disk = reader.read<format::DiskPeMapping>("a PE mapping");
      if (!mappings_.empty() && disk.file_offset <= mappings_.back().file_offset) {
        findings_.add(Kind::kPeOrder, spot,
                      fmt::format("the mapping from byte {} follows the one from byte {}",
                                  std::uint32_t{disk.file_offset}, mappings_.back().file_offset));
        return false;
      }
      if (disk.file_offset >= stream_.length) {
        findings_.add(Kind::kPeEnd, spot,
                      fmt::format("a mapping from byte {} in a file of {} bytes",
                                  std::uint32_t{disk.file_offset}, stream_.length));
      }
      mappings_.push_back({disk.file_offset, disk.delta});
      spot = spot.at(sizeof disk);
    }
    pieces_ = pieces_of(mappings_, stream_.length);
    return true;
  }

  // Returns whether all pieces are within the region and don't overlap.
  bool check_object(const format::DiskPeImage& head) {
    const format::RegionOffset data(head.data);
    const Spot spot = field(offsetof(format::DiskPeImage, data));
    if (!context_.regions.holds(data, 1, "the executable", spot)) {
      return false;
    }
    check_data_place(data, std::max<std::uint64_t>(stream_.length, kPageSize), spot, context_);
    std::uint64_t end = head.image_length;
    for (const Piece& piece : pieces_) {
      end = std::max(end, piece.end());
      if (piece.place % kPageSize != 0) {
        findings_.add(
            Kind::kPeAlignment, descriptor_,
            fmt::format(
                "the part from byte {} starts at byte {} in memory, which is not page-aligned",
                piece.from, piece.place));
      }
    }
    if (!context_.regions.fits(data, end)) {
      findings_.add(
          Kind::kPeOutside, descriptor_,
          fmt::format("the executable takes {} bytes from byte {}, but the region has only {}", end,
                      data.byte_offset(), context_.regions[data].size));
      return false;
    }
    context_.claim(data, end, ObjectKind::kPeData, spot_.id);
    return check_overlaps();
  }

  bool check_overlaps() {
    std::vector<Piece> by_place = pieces_;
    std::ranges::sort(by_place, {}, &Piece::place);
    for (std::size_t i = 1; i < by_place.size(); ++i) {
      if (by_place[i].place < by_place[i - 1].end()) {
        findings_.add(Kind::kPeOverlap, descriptor_,
                      fmt::format("the parts from byte {} and from byte {} overlap",
                                  by_place[i - 1].from, by_place[i].from));
        return false;
      }
    }
    return true;
  }

  // Only in deep checks, as it reads the headers of every executable.
  void check_layout(const format::DiskPeImage& head) {
    if (!context_.is_deep()) {
      return;
    }
    const auto start = read_start(format::RegionOffset(head.data));
    if (!start) {
      return;
    }
    const PeAnalysis analysis = analyze_pe(*start, stream_.length);
    if (std::holds_alternative<NotPe>(analysis)) {
      findings_.add(Kind::kPeLayout, descriptor_,
                    "the file is stored as an executable but is not one");
    } else if (const auto* const layout = std::get_if<PeLayout>(&analysis)) {
      compare(head, *layout);
    }
  }

  void compare(const format::DiskPeImage& head, const PeLayout& layout) {
    if (head.image_length != layout.image_length) {
      findings_.add(Kind::kPeImageLength, field(offsetof(format::DiskPeImage, image_length)),
                    fmt::format("{} bytes in memory, but the headers state {}",
                                std::uint32_t{head.image_length}, layout.image_length));
    }
    for (const format::PeMapping& mapping : layout.mappings) {
      const std::uint64_t place = std::uint64_t{mapping.file_offset} + mapping.delta;
      const std::uint32_t delta = delta_at(mappings_, mapping.file_offset);
      // The place of bytes after the last section is the writer's choice.
      if (place < layout.image_length && delta != mapping.delta) {
        findings_.add(
            Kind::kPeLayout, descriptor_,
            fmt::format(
                "the section from byte {} is at byte {} in memory, but the headers state {}",
                mapping.file_offset, std::uint64_t{mapping.file_offset} + delta, place));
        return;
      }
    }
  }

  // Reads the first bytes of the file, as many as the analysis needs.
  std::optional<Bytes> read_start(format::RegionOffset data) {
    Bytes bytes(static_cast<std::size_t>(std::min<std::uint64_t>(stream_.length, kPeHeadSize)));
    for (const Piece& piece : pieces_) {
      if (piece.from >= bytes.size()) {
        break;
      }
      const auto from = static_cast<std::size_t>(piece.from);
      const auto part = std::span(bytes).subspan(
          from,
          static_cast<std::size_t>(std::min<std::uint64_t>(piece.size, bytes.size() - piece.from)));
      if (!context_.regions.read_raw(context_.regions[data], data.byte_offset() + piece.place,
                                     part)) {
        return std::nullopt;
      }
    }
    return bytes;
  }

  const format::Stream& stream_;
  const Spot& spot_;
  Context& context_;
  Findings& findings_;
  Spot descriptor_;
  std::vector<format::PeMapping> mappings_;
  std::vector<Piece> pieces_;
};

}  // namespace

void check_pe_image(const format::Stream& stream, const Spot& spot, Context& context) {
  PeChecker(stream, spot, context).check();
}

void check_data_place(format::RegionOffset offset, std::uint64_t length, const Spot& spot,
                      Context& context) {
  const CheckedRegion& region = context.regions[offset];
  if (!region.type) {
    return;
  }
  const bool is_small = length < kPageSize;
  const RegionType due = is_small ? RegionType::kSmallData : RegionType::kPageAlignedData;
  if (region.type != due) {
    context.findings.add(
        Kind::kDataRegion, spot,
        fmt::format("{} bytes of data are in region {}, which has type {}, expected {}", length,
                    offset.region(), static_cast<int>(*region.type), static_cast<int>(due)));
  }
  const std::uint64_t unit =
      region.type == RegionType::kPageAlignedData ? kPageSize : kObjectAlignment;
  if (offset.byte_offset() % unit != 0) {
    context.findings.add(Kind::kDataAlignment, spot,
                         fmt::format("data at byte {} of region {}, which is not a multiple of {}",
                                     offset.byte_offset(), offset.region(), unit));
  }
}

}  // namespace cim::image_check
