// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/region_files.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/checked_math.h"

namespace cim {
namespace {

// Of these the reads alone are large enough. With less, what the system reads ahead behind a
// stream's end is likely to be read next: many small streams are one read of the disk then.
constexpr std::uint64_t kLargeStream = std::uint64_t{128} << 10;

}  // namespace

std::string region_file_name(const Guid& set, unsigned index) {
  return fmt::format("region_{}_{}", set.to_string(), index);
}

std::string object_id_file_name(const Guid& set, unsigned index) {
  return fmt::format("objectid_{}_{}", set.to_string(), index);
}

std::filesystem::path image_directory(const std::filesystem::path& image) {
  return image.has_parent_path() ? image.parent_path() : std::filesystem::path(".");
}

format::FilesystemHeader read_filesystem_header(const std::filesystem::path& image) {
  return format::decode_filesystem_header(read_whole_file(image, kMaxFilesystemFile),
                                          image.string());
}

std::vector<RegionSet> region_sets_of(const format::FilesystemHeader& header) {
  std::vector<RegionSet> sets;
  sets.reserve(header.parents.size() + 1);
  for (const format::RegionSetEntry& parent : header.parents) {
    sets.push_back({parent.guid, parent.count, false});
  }
  sets.push_back({header.own.guid, header.own.count, true});
  return sets;
}

RegionFiles::RegionFiles(const std::filesystem::path& directory, const std::vector<RegionSet>& sets,
                         ReadPattern pattern) {
  for (const RegionSet& set : sets) {
    for (unsigned i = 0; i < set.region_count; ++i) {
      open(directory / region_file_name(set.guid, i), static_cast<std::uint16_t>(i), pattern);
    }
  }
}

void RegionFiles::open(const std::filesystem::path& path, std::uint16_t index,
                       ReadPattern pattern) {
  File file = File::open_read(path);
  std::array<std::byte, format::kRegionHeaderSize> head{};
  const std::size_t got = file.read_some_at(0, head);
  const auto header = format::decode_region_header(ByteView(head).first(got), path.string());
  if (header.index != index) {
    throw Error(ErrorCode::kCorrupt, path.string(),
                fmt::format("the header says region {}", header.index), 32);
  }
  if (header.type > static_cast<std::uint8_t>(RegionType::kSmallData)) {
    throw Error(ErrorCode::kUnsupported, path.string(),
                fmt::format("region type {}; 0 to 2 are understood", header.type), 34);
  }
  regions_.push_back({path, static_cast<RegionType>(header.type), file.size()});
  files_.push_back(std::move(file));
  auto& for_large_streams = for_large_streams_.emplace_back();
  if (pattern == ReadPattern::kAnywhere && regions_.back().type == RegionType::kPageAlignedData) {
    for_large_streams = File::open_read(path);
    for_large_streams->read_nothing_ahead();
  }
}

const File& RegionFiles::file(std::uint32_t region, std::uint64_t stream_size) const {
  const auto& for_large_streams = for_large_streams_.at(region);
  return for_large_streams && stream_size >= kLargeStream ? *for_large_streams : file(region);
}

std::string RegionFiles::source(format::RegionOffset offset) const {
  return offset.region() < regions_.size() ? regions_[offset.region()].path.string()
                                           : fmt::format("region {}", offset.region());
}

void RegionFiles::check(format::RegionOffset offset, std::uint64_t size,
                        std::string_view what) const {
  const auto fail = [&](std::string reason) {
    throw Error(ErrorCode::kCorrupt, source(offset), std::move(reason), offset.byte_offset());
  };
  if (offset.region() >= regions_.size()) {
    fail(fmt::format("{} would lie in region {}, and there are {}", what, offset.region(),
                     regions_.size()));
  }
  if (offset.byte_offset() == 0) {
    fail(fmt::format("{} has no place", what));
  }
  const std::uint64_t region_size = regions_[offset.region()].size;
  if (!fits_within(offset.byte_offset(), size, region_size)) {
    fail(fmt::format("{} of {} bytes does not lie in the region's {}", what, size, region_size));
  }
}

void RegionFiles::read(format::RegionOffset offset, std::span<std::byte> into,
                       std::string_view what) const {
  check(offset, into.size(), what);
  files_[offset.region()].read_at(offset.byte_offset(), into);
}

Bytes RegionFiles::read(format::RegionOffset offset, std::uint64_t size,
                        std::string_view what) const {
  check(offset, size, what);
  Bytes bytes(static_cast<std::size_t>(size));
  files_[offset.region()].read_at(offset.byte_offset(), bytes);
  return bytes;
}

}  // namespace cim
