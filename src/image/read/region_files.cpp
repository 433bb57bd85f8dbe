// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/region_files.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "os/host_path.h"

namespace cim {
namespace {

// Streams of at least this size are read without the system's read-ahead: the reads themselves are
// large enough. For smaller streams, the data that the system reads ahead after a stream's end is
// likely to be needed next: many small streams are then read by one access to the disk.
constexpr std::uint64_t kLargeStream = std::uint64_t{128} << 10;

// How many regions of an image are kept open. With the usual limit of 1,024 descriptors that leaves
// enough for a second image and for files that are written.
constexpr std::size_t kKeptOpen = 192;
// How many of the other regions are kept open, the most recently used ones.
constexpr std::size_t kPassing = 16;

// Smaller claims are accepted without measuring the regions.
constexpr std::uint64_t kSmallMetadata = std::uint64_t{1} << 20;

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
  return format::decode_filesystem_header(read_whole_file(image, kMaxFilesystemFile), image);
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

RegionFiles::RegionFiles(const RegionLocator& locator, const std::vector<RegionSet>& sets,
                         ReadPattern pattern)
    : pattern_(pattern) {
  reserve(sets);
  for (const RegionSet& set : sets) {
    for (unsigned i = 0; i < set.region_count; ++i) {
      examine(locator.find(region_file_name(set.guid, i)), static_cast<std::uint16_t>(i));
    }
  }
  for_large_streams_.resize(regions_.size());
  if (pattern == ReadPattern::kAnywhere && regions_.size() <= kKeptOpen) {
    open_for_large_streams();
  }
}

// Small streams are served from the cache of blocks, whatever the pattern.
RegionFiles::RegionFiles(const ImageFiles& files, const std::vector<RegionSet>& sets)
    : pattern_(ReadPattern::kInOrder) {
  reserve(sets);
  for (const RegionSet& set : sets) {
    for (unsigned i = 0; i < set.region_count; ++i) {
      examine(files, region_file_name(set.guid, i), static_cast<std::uint16_t>(i));
    }
  }
  for_large_streams_.resize(regions_.size());
}

void RegionFiles::reserve(const std::vector<RegionSet>& sets) {
  std::size_t count = 0;
  for (const RegionSet& set : sets) {
    count += set.region_count;
  }
  regions_.reserve(count);
  by_region_ = std::vector<std::atomic<const File*>>(count);
}

void RegionFiles::add_unusable(const Error& error) {
  if (error.code() == ErrorCode::kLimit) {
    throw Error(error);  // a limit of the system, not a fault of the region
  }
  regions_.back().is_usable = false;
  faults_.emplace(static_cast<std::uint32_t>(regions_.size() - 1), error);
}

void RegionFiles::examine(const ImageFiles& files, const std::string& name, std::uint16_t index) {
  regions_.push_back({.path = name});
  stamps_.emplace_back();
  sources_.emplace_back();
  Region& region = regions_.back();
  try {
    auto source = files.region(name);
    std::array<std::byte, format::kRegionHeaderSize> head{};
    const std::uint64_t size = source->size();
    const auto known =
        std::span(head).first(static_cast<std::size_t>(std::min<std::uint64_t>(head.size(), size)));
    source->read_at(0, known);
    format::ThrowingSink sink(region.path);
    const auto header = format::decode_region_header(known, index, sink);
    region.type = static_cast<RegionType>(header.value().type);
    region.size = size;
    sources_.back() = std::move(source);
  } catch (const Error& error) {
    add_unusable(error);
  }
}

// Opens a region once to read its header. The file is kept open only if all files of the image may:
// otherwise a fork with thousands of ancestors would use up the descriptors.
void RegionFiles::examine(const std::filesystem::path& path, std::uint16_t index) {
  regions_.push_back({.path = path});
  stamps_.emplace_back();
  Region& region = regions_.back();
  try {
    auto file = std::make_unique<const File>(File::open_read_unlinked(path));
    std::array<std::byte, format::kRegionHeaderSize> head{};
    const std::size_t got = file->read_some_at(0, head);
    format::ThrowingSink sink(path);
    const auto header = format::decode_region_header(ByteView(head).first(got), index, sink);
    region.type = static_cast<RegionType>(header.value().type);
    stamps_.back() = file->stamp();
    region.size = stamps_.back().size;
    if (regions_.capacity() <= kKeptOpen) {
      by_region_[regions_.size() - 1] = file.get();
      kept_open_.push_back(std::move(file));
    }
  } catch (const Error& error) {
    add_unusable(error);
  }
}

void RegionFiles::open_for_large_streams() {
  for (std::uint32_t i = 0; i < regions_.size(); ++i) {
    if (regions_[i].is_usable && regions_[i].type == RegionType::kPageAlignedData) {
      for_large_streams_[i] = open_again(i);
      for_large_streams_[i]->read_nothing_ahead();
    }
  }
}

void RegionFiles::require_all() const {
  for (std::uint32_t i = 0; i < regions_.size() && !faults_.empty(); ++i) {
    if (!regions_[i].is_usable) {
      fail_unusable(i);
    }
  }
}

void RegionFiles::fail_unusable(std::uint32_t region) const {
  throw Error(faults_.at(region));
}

// The file must be the one that was examined, since its type and size were taken from that one.
File RegionFiles::open_again(std::uint32_t region) const {
  if (!regions_.at(region).is_usable) {
    fail_unusable(region);
  }
  File file = File::open_read_unlinked(regions_[region].path);
  if (!file.stamp().is_same_file(stamps_[region])) {
    throw Error(ErrorCode::kCorrupt, regions_[region].path.string(),
                "it was replaced by another file after the image was opened");
  }
  return file;
}

// Files that are kept open are found without the lock: by_region_ is set once and never reset.
OpenRegion RegionFiles::open(std::uint32_t region) const {
  if (!sources_.empty()) {
    if (!regions_.at(region).is_usable) {
      fail_unusable(region);
    }
    return OpenRegion(*sources_[region]);
  }
  if (const File* const kept = by_region_.at(region).load(std::memory_order_acquire)) {
    return OpenRegion(*kept);
  }
  const std::lock_guard lock(mutex_);
  return open_locked(region);
}

// The first files that are used are kept open; the others share a few places, of which the least
// recently used is given up. A reader holds its file by a shared pointer.
OpenRegion RegionFiles::open_locked(std::uint32_t region) const {
  if (kept_open_.size() < kKeptOpen || by_region_.at(region) != nullptr) {
    return OpenRegion(keep_open_locked(region));
  }
  const auto found = std::ranges::find(briefly_open_, region, &BrieflyOpen::region);
  if (found != briefly_open_.end()) {
    briefly_open_.splice(briefly_open_.begin(), briefly_open_, found);
  } else {
    if (briefly_open_.size() == kPassing) {
      briefly_open_.pop_back();
    }
    briefly_open_.push_front({region, std::make_shared<const File>(open_again(region))});
  }
  return OpenRegion(briefly_open_.front().file);
}

OpenRegion RegionFiles::open(std::uint32_t region, std::uint64_t stream_size) const {
  const auto& for_large_streams = for_large_streams_.at(region);
  return for_large_streams && stream_size >= kLargeStream ? OpenRegion(*for_large_streams)
                                                          : open(region);
}

const File& RegionFiles::keep_open(std::uint32_t region) const {
  if (!sources_.empty()) {
    throw Error(ErrorCode::kUnsupported, regions_.at(region).path.string(),
                "the image is not on this host, so its files cannot be opened");
  }
  const std::lock_guard lock(mutex_);
  return keep_open_locked(region);
}

const File& RegionFiles::keep_open_locked(std::uint32_t region) const {
  if (by_region_.at(region) == nullptr) {
    kept_open_.push_back(std::make_unique<const File>(open_again(region)));
    by_region_[region].store(kept_open_.back().get(), std::memory_order_release);
  }
  return *by_region_[region];
}

// Measures only as many regions as the answer needs.
bool RegionFiles::metadata_holds(std::uint64_t size) const {
  if (size <= kSmallMetadata) {
    return true;
  }
  const std::lock_guard lock(mutex_);
  while (held_metadata_ < size && next_to_measure_ < regions_.size()) {
    // The image's own regions come last, and are open.
    const auto region = static_cast<std::uint32_t>(regions_.size() - ++next_to_measure_);
    if (regions_[region].is_usable && regions_[region].type == RegionType::kMetadata) {
      held_metadata_ += (sources_.empty() ? open_locked(region) : OpenRegion(*sources_[region]))
                            .size_without_holes();
    }
  }
  return held_metadata_ >= size;
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
    fail(fmt::format("{} is in region {}, but there are only {}", what, offset.region(),
                     regions_.size()));
  }
  if (offset.byte_offset() == 0) {
    fail(fmt::format("{} has no offset", what));
  }
  if (!regions_[offset.region()].is_usable) {
    fail_unusable(offset.region());
  }
  const std::uint64_t region_size = regions_[offset.region()].size;
  if (!fits_within(offset.byte_offset(), size, region_size)) {
    fail(fmt::format("{} of {} bytes extends past the region's {} bytes", what, size, region_size));
  }
}

bool RegionFiles::holds(format::RegionOffset offset, std::uint64_t size) const noexcept {
  return offset.region() < regions_.size() && regions_[offset.region()].is_usable &&
         offset.byte_offset() != 0 &&
         fits_within(offset.byte_offset(), size, regions_[offset.region()].size);
}

void RegionFiles::read(format::RegionOffset offset, std::span<std::byte> into,
                       std::string_view what) const {
  check(offset, into.size(), what);
  if (regions_[offset.region()].type == RegionType::kMetadata) {
    read_blocks(offset.region(), offset.byte_offset(), into);
  } else {
    open(offset.region()).read_at(offset.byte_offset(), into);
  }
}

Bytes RegionFiles::read(format::RegionOffset offset, std::uint64_t size,
                        std::string_view what) const {
  check(offset, size, what);  // before memory is allocated
  Bytes bytes(static_cast<std::size_t>(size));
  read(offset, bytes, what);
  return bytes;
}

void RegionFiles::read_stream(std::uint32_t region, std::uint64_t stream_size, std::uint64_t offset,
                              std::span<std::byte> into) const {
  if (regions_[region].type == RegionType::kSmallData && pattern_ == ReadPattern::kInOrder) {
    read_blocks(region, offset, into);
  } else {
    open(region, stream_size).read_at(offset, into);
  }
}

void RegionFiles::read_blocks(std::uint32_t region, std::uint64_t offset,
                              std::span<std::byte> into) const {
  const OpenRegion file = open(region);
  if (into.size() <= BlockCache::kLargestRead) {
    blocks_.read_at(file, region, regions_[region].size, offset, into);
  } else {
    file.read_at(offset, into);
  }
}

}  // namespace cim
