// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/pe_image.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/checked_math.h"
#include "image/check/streams.h"
#include "image/read/pe_layout.h"

namespace cim::image_check {
namespace {

constexpr std::string_view kDescriptor = "the descriptor of the executable";

// Returns the delta that applies at an offset of the file.
std::uint32_t delta_at(const std::vector<format::PeMapping>& mappings, std::uint32_t file_offset) {
  std::uint32_t delta = 0;
  for (const format::PeMapping& mapping : mappings) {
    delta = mapping.file_offset <= file_offset ? mapping.delta : delta;
  }
  return delta;
}

// Checks one expanded executable: its descriptor, the pieces that it maps and, in deep checks,
// whether they are where the headers of the executable put them.
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
    const std::uint64_t size = format::pe_image_size(head);
    const auto bytes = context_.regions.read(stream_.data, size, kDescriptor, spot_);
    if (!bytes) {
      return;
    }
    context_.regions.check_metadata_place(stream_.data, kDescriptor, spot_);
    context_.claim(stream_.data, size, ObjectKind::kPeDescriptor, spot_.id);
    descriptor_ = context_.regions.spot(stream_.data, spot_.id, spot_.stream);
    SpotSink sink(findings_, descriptor_);
    const auto image = format::decode_pe_image(*bytes, stream_.length, sink);
    if (head.image_length % kPageSize != 0) {
      findings_.add(Kind::kPeImageLength, field(offsetof(format::DiskPeImage, image_length)),
                    fmt::format("{} bytes in memory, which is not a multiple of the page size",
                                std::uint32_t{head.image_length}));
    }
    if (image) {
      pieces_ = format::pieces_of(*image, stream_.length);
      if (check_object(*image)) {
        check_layout(*image);
      }
    }
  }

 private:
  Spot field(std::size_t offset) const { return descriptor_.at(offset); }

  // Returns whether all pieces are within the region and do not overlap.
  bool check_object(const format::PeImage& image) {
    const format::RegionOffset data = image.data;
    const Spot spot = field(offsetof(format::DiskPeImage, data));
    if (!context_.regions.holds(data, 1, "the executable", spot)) {
      return false;
    }
    check_data_place(data, std::max<std::uint64_t>(stream_.length, kPageSize), spot, context_);
    std::uint64_t end = image.image_length;
    for (const format::PePiece& piece : pieces_) {
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
    std::vector<format::PePiece> by_place = pieces_;
    std::ranges::sort(by_place, {}, &format::PePiece::place);
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
  void check_layout(const format::PeImage& image) {
    if (!context_.is_deep()) {
      return;
    }
    const auto start = read_start(image.data);
    if (!start) {
      return;
    }
    const PeAnalysis analysis = analyze_pe(*start, stream_.length);
    if (std::holds_alternative<NotPe>(analysis)) {
      findings_.add(Kind::kPeLayout, descriptor_,
                    "the file is stored as an executable but is not one");
    } else if (const auto* const layout = std::get_if<PeLayout>(&analysis)) {
      compare(image, *layout);
    }
  }

  void compare(const format::PeImage& image, const PeLayout& layout) {
    if (image.image_length != layout.image_length) {
      findings_.add(Kind::kPeImageLength, field(offsetof(format::DiskPeImage, image_length)),
                    fmt::format("{} bytes in memory, but the headers state {}", image.image_length,
                                layout.image_length));
    }
    for (const format::PeMapping& mapping : layout.mappings) {
      const std::uint64_t place = std::uint64_t{mapping.file_offset} + mapping.delta;
      const std::uint32_t delta = delta_at(image.mappings, mapping.file_offset);
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
    for (const format::PePiece& piece : pieces_) {
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
  std::vector<format::PePiece> pieces_;
};

}  // namespace

void check_pe_image(const format::Stream& stream, const Spot& spot, Context& context) {
  PeChecker(stream, spot, context).check();
}

// The type of a region that cannot be read is unknown, and nothing is reported then.
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
