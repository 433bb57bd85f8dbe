// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/regions.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "format/header.h"
#include "format/link_table.h"
#include "image/read/region_files.h"

namespace cim::image_check {
namespace {

using TableHead = std::array<std::byte, format::kLinkTableHeaderSize>;

// Returns the table's own length, at least that of its header and at most `size`.
std::uint64_t length_by_itself(const TableHead& head, std::uint64_t size) {
  const std::uint64_t least = format::kLinkTableHeaderSize;
  return std::clamp<std::uint64_t>(format::LinkTable::stated_length(head), std::min(least, size),
                                   size);
}

}  // namespace

CheckedRegions::CheckedRegions(const RegionLocator& locator, const std::vector<RegionSet>& sets,
                               Findings& findings)
    : findings_(findings) {
  std::size_t count = 0;
  for (const RegionSet& set : sets) {
    count += set.region_count;
  }
  regions_.reserve(count);  // spots refer to the paths
  files_.resize(count);
  std::uint64_t total = 0;
  for (const RegionSet& set : sets) {
    for (std::uint16_t i = 0; i < set.region_count; ++i) {
      examine({.path = locator.find(region_file_name(set.guid, i)),
               .set = set.guid,
               .number = i,
               .is_own = set.is_own,
               .type = std::nullopt});
      if (regions_.back().is_readable) {
        const std::uint64_t held = file_of(regions_.back()).size_without_holes();
        total = checked_add(total, held).value_or(total);
      }
    }
  }
  // Every byte of metadata is read once. Only tables that overlap add up to more than the regions
  // hold, and reading them could take almost unlimited time.
  bytes_left_ = total + total / 2 + (std::uint64_t{1} << 20);
}

const File& CheckedRegions::file_of(const CheckedRegion& region) {
  // Leaves enough of the usual limit of 1,024 descriptors for others; an image may have thousands
  // of ancestors.
  constexpr std::size_t kMostOpen = 192;
  const auto index = static_cast<std::size_t>(&region - regions_.data());
  if (!files_[index]) {
    if (open_.size() == kMostOpen) {
      files_[open_.front()].reset();
      open_.pop_front();
    }
    files_[index] = File::open_read_unlinked(region.path);
    open_.push_back(index);
  }
  return *files_[index];
}

void CheckedRegions::examine(CheckedRegion region) {
  regions_.push_back(std::move(region));
  CheckedRegion& opened = regions_.back();
  try {
    opened.size = file_of(opened).size();
    opened.is_readable = true;
    check_header(opened);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kAccessDenied || error.code() == ErrorCode::kLimit) {
      throw;  // not a fault of the image, and nothing can be checked without it
    }
    opened.is_readable = false;
    findings_.add(
        error.code() == ErrorCode::kNotFound ? Kind::kRegionMissing : Kind::kRegionUnreadable,
        opened.path, error.reason());
  }
}

void CheckedRegions::check_header(CheckedRegion& region) {
  const Spot start = {&region.path, 0};
  SpotSink sink(findings_, start);
  std::array<std::byte, format::kRegionHeaderSize> head{};
  const std::size_t got = file_of(region).read_some_at(0, head);
  const auto header = format::decode_region_header(ByteView(head).first(got), region.number, sink);
  if (!header) {
    return;
  }
  region.type = static_cast<RegionType>(header->type);
  if (region.type == RegionType::kPageAlignedData && region.size != format::kRegionHeaderSize &&
      region.size % kPageSize != 0) {
    findings_.add(
        Kind::kRegionSize, start.at(region.size),
        fmt::format("{} bytes of page-aligned data, which is not a multiple of the page size",
                    region.size));
  }
}

bool CheckedRegions::holds(format::RegionOffset offset, std::uint64_t size, std::string_view what,
                           const Spot& spot) {
  if (offset.is_absent()) {
    findings_.add(Kind::kOffsetAbsent, spot, fmt::format("{} has no offset", what));
    return false;
  }
  if (offset.region() >= regions_.size()) {
    findings_.add(Kind::kOffsetRegion, spot,
                  fmt::format("{} is in region {}, but there are only {}", what, offset.region(),
                              regions_.size()));
    return false;
  }
  const CheckedRegion& region = (*this)[offset];
  if (!region.is_readable) {
    return false;
  }
  if (offset.byte_offset() < format::kRegionHeaderSize) {
    findings_.add(Kind::kOffsetHeader, spot,
                  fmt::format("{} is at byte {} of region {}, inside its header", what,
                              offset.byte_offset(), offset.region()));
    return false;
  }
  if (!fits_within(offset.byte_offset(), size, region.size)) {
    findings_.add(
        Kind::kOffsetOutside, spot,
        fmt::format("{} of {} bytes at byte {} of region {} extends past the region's {} bytes",
                    what, size, offset.byte_offset(), offset.region(), region.size));
    return false;
  }
  return true;
}

bool CheckedRegions::fits(format::RegionOffset offset, std::uint64_t size) const {
  return offset.region() < regions_.size() && (*this)[offset].is_readable &&
         offset.byte_offset() >= format::kRegionHeaderSize &&
         fits_within(offset.byte_offset(), size, (*this)[offset].size);
}

// Returns false once more metadata was read than the regions can hold; reports that once.
bool CheckedRegions::may_read(std::uint64_t size, const Spot& spot) {
  if (size <= bytes_left_) {
    bytes_left_ -= size;
    return true;
  }
  if (!std::exchange(is_exhausted_, true)) {
    findings_.add(Kind::kMetadataOverlap, spot,
                  "the metadata up to here is larger than all regions together, so some of it "
                  "overlaps; the rest is not checked");
  }
  return false;
}

std::optional<Bytes> CheckedRegions::read(format::RegionOffset offset, std::uint64_t size,
                                          std::string_view what, const Spot& spot) {
  if (!holds(offset, size, what, spot) || !may_read(size, spot)) {
    return std::nullopt;
  }
  Bytes bytes(static_cast<std::size_t>(size));
  return read_raw((*this)[offset], offset.byte_offset(), bytes) ? std::optional(std::move(bytes))
                                                                : std::nullopt;
}

std::optional<Bytes> CheckedRegions::read_table(format::RegionOffset offset, std::uint64_t size,
                                                std::string_view what, const Spot& spot) {
  TableHead head{};
  if (size < head.size()) {
    return read(offset, size, what, spot);
  }
  if (!holds(offset, size, what, spot) || !read(offset, head, what, spot)) {
    return std::nullopt;
  }
  return read(offset, length_by_itself(head, size), what, spot);
}

std::optional<Bytes> CheckedRegions::read_table_again(format::RegionOffset offset,
                                                      std::uint64_t size) {
  TableHead head{};
  if (!fits(offset, head.size()) || !read_raw((*this)[offset], offset.byte_offset(), head)) {
    return std::nullopt;
  }
  Bytes bytes(static_cast<std::size_t>(length_by_itself(head, size)));
  return read_raw((*this)[offset], offset.byte_offset(), bytes) ? std::optional(std::move(bytes))
                                                                : std::nullopt;
}

bool CheckedRegions::read(format::RegionOffset offset, std::span<std::byte> into,
                          std::string_view what, const Spot& spot) {
  return holds(offset, into.size(), what, spot) && may_read(into.size(), spot) &&
         read_raw((*this)[offset], offset.byte_offset(), into);
}

bool CheckedRegions::read_raw(const CheckedRegion& region, std::uint64_t offset,
                              std::span<std::byte> into) {
  try {
    file_of(region).read_at(offset, into);
    return true;
  } catch (const Error& error) {
    findings_.add(Kind::kRegionUnreadable, Spot{&region.path, offset}, error.reason());
    return false;
  }
}

void CheckedRegions::check_metadata_place(format::RegionOffset offset, std::string_view what,
                                          const Spot& spot, Kind unaligned) {
  const CheckedRegion& region = (*this)[offset];
  if (region.type && region.type != RegionType::kMetadata) {
    findings_.add(Kind::kMetadataRegion, spot,
                  fmt::format("{} is in region {}, which is for data", what, offset.region()));
  }
  if (offset.byte_offset() % kObjectAlignment != 0) {
    findings_.add(unaligned, spot,
                  fmt::format("{} is at byte {}, which is not a multiple of {}", what,
                              offset.byte_offset(), kObjectAlignment));
  }
}

}  // namespace cim::image_check
