// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/object_ids.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/checked_math.h"
#include "format/disk_header.h"
#include "image/read/region_files.h"
#include "os/file.h"

namespace cim::image_check {
namespace {

using format::DiskObjectIdHeader;
using format::DiskRegionHeader;
using format::kObjectIdEntrySize;

constexpr std::size_t kEntriesAtOnce = 4096;

// Returns false if the table is a hole: reading terabytes of zeros would take hours.
bool holds_table(const File& file, std::uint64_t size) {
  constexpr std::uint64_t kSmall = std::uint64_t{1} << 20;
  return size <= kSmall || size <= file.size_without_holes();
}

}  // namespace

// An image is complete without these files, so no failure to read one ends the check.
CheckedObjectIds ObjectIdChecker::check(const CheckedRegion& region) {
  const auto path = context_.locator.find(object_id_file_name(region.set, region.number));
  try {
    const File file = File::open_read_unlinked(path);
    has_some_ = true;
    const auto header = check_header(region, file);
    if (header && check_table(*header, region, file)) {
      return read_entries(*header, region, file);
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) {
      missing_.push_back(path);
    } else if (error.code() == ErrorCode::kCancelled) {
      throw;
    } else {
      has_some_ = true;
      context_.findings.add(Kind::kObjectIdsUnreadable, path, error.reason());
    }
  }
  return {};
}

// A set without any of the files was probably copied without them, which is one finding and not one
// per region.
void ObjectIdChecker::end_set() {
  if (!has_some_ && !missing_.empty()) {
    context_.findings.add(
        Kind::kObjectIdsAbsent, missing_.front(),
        fmt::format("none of the {} object id files exists; only writing to the image needs them",
                    missing_.size()));
  } else {
    for (const std::filesystem::path& path : missing_) {
      context_.findings.add(Kind::kObjectIdsMissing, path,
                            "missing, while others of its region set exist");
    }
  }
  missing_.clear();
  has_some_ = false;
}

std::optional<format::ObjectIdHeader> ObjectIdChecker::check_header(const CheckedRegion& region,
                                                                    const File& file) {
  SpotSink sink(context_.findings, {&file.path(), 0});
  std::array<std::byte, format::kObjectIdHeaderSize> head{};
  const std::size_t got = file.read_some_at(0, head);
  auto header = format::decode_object_id_header(ByteView(head).first(got), sink);
  if (!header) {
    return std::nullopt;
  }
  if (header->index != region.number) {
    sink.add(Kind::kObjectIdsIndex, offsetof(DiskRegionHeader, index),
             fmt::format("the header states region {}, but the file name {}", header->index,
                         region.number));
  }
  if (region.type && header->type != static_cast<std::uint8_t>(*region.type)) {
    sink.add(Kind::kObjectIdsType, offsetof(DiskRegionHeader, type),
             fmt::format("type {}, but the region has type {}", header->type,
                         static_cast<int>(*region.type)));
  }
  return header;
}

// An implausible number of ids is refused before the table is read.
bool ObjectIdChecker::check_table(const format::ObjectIdHeader& header, const CheckedRegion& region,
                                  const File& file) {
  const Spot spot = {&file.path(), offsetof(DiskObjectIdHeader, table_offset)};
  const std::uint64_t size = std::uint64_t{header.count} * kObjectIdEntrySize;
  const std::uint64_t file_size = file.size();
  if (header.table_offset < format::kObjectIdHeaderSize ||
      !fits_within(header.table_offset, size, file_size)) {
    context_.findings.add(Kind::kObjectIdsTable, spot,
                          fmt::format("{} object ids at byte {} are outside the file of {} bytes",
                                      header.count, header.table_offset, file_size));
    return false;
  }
  if (region.is_readable && header.count > region.size) {
    context_.findings.add(
        Kind::kObjectIdsTable, spot,
        fmt::format("{} object ids for a region of {} bytes", header.count, region.size));
    return false;
  }
  if (!holds_table(file, size)) {
    context_.findings.add(Kind::kObjectIdsTable, spot,
                          fmt::format("{} object ids are in holes of a sparse file", header.count));
    return false;
  }
  const std::uint64_t end = header.table_offset + size;
  if (end < file_size && !are_back_references(region, file, end)) {
    context_.findings.add(Kind::kTrailingBytes, spot.at(end - spot.offset),
                          fmt::format("{} bytes follow the object ids", file_size - end));
  }
  return true;
}

// Back references are hints, which writers verify: the check only makes sure that they have the
// right form.
bool ObjectIdChecker::are_back_references(const CheckedRegion& region, const File& file,
                                          std::uint64_t start) {
  std::array<std::byte, format::kBackReferencesHeaderSize> head{};
  const std::size_t got = file.read_some_at(start, head);
  const auto count = format::decode_back_references_header(ByteView(head).first(got));
  return region.type == RegionType::kMetadata && count &&
         start + head.size() + std::uint64_t{*count} * format::kBackReferenceSize == file.size();
}

// Reads the table in pieces; entries are kept only if a deep check needs them.
CheckedObjectIds ObjectIdChecker::read_entries(const format::ObjectIdHeader& header,
                                               const CheckedRegion& region, const File& file) {
  CheckedObjectIds ids = {.is_readable = true};
  Spot spot = {&file.path(), header.table_offset};
  Bytes bytes;
  std::optional<format::ObjectIdEntry> before;
  const std::string source = file.path().string();
  for (std::uint32_t i = 0; i < header.count; ++i, spot = spot.at(kObjectIdEntrySize)) {
    const std::size_t place = i % kEntriesAtOnce;
    if (place == 0) {
      context_.stop_if_asked();
      bytes.resize(std::min<std::size_t>(kEntriesAtOnce, header.count - i) * kObjectIdEntrySize);
      file.read_at(spot.offset, bytes);
    }
    ByteReader reader(ByteView(bytes).subspan(place * kObjectIdEntrySize), source);
    const auto entry = format::decode_object_id_entry(reader);
    if (before) {
      const auto order = *before <=> entry;
      if (order >= 0) {
        context_.findings.add(
            order == 0 ? Kind::kObjectIdsTwice : Kind::kObjectIdsOrder, spot,
            fmt::format("entry {} is {}", i,
                        order == 0 ? "the same as the one before" : "out of order"));
      }
    }
    before = entry;
    if (check_entry(entry, region, spot) && context_.is_deep()) {
      ids.entries.push_back(entry);
    }
  }
  std::ranges::sort(ids.entries, {}, &format::ObjectIdEntry::offset);
  return ids;
}

bool ObjectIdChecker::check_entry(const format::ObjectIdEntry& entry, const CheckedRegion& region,
                                  const Spot& spot) {
  if (!region.is_readable) {
    return false;
  }
  if (entry.offset < format::kRegionHeaderSize || entry.length == 0 ||
      !fits_within(entry.offset, entry.length, region.size)) {
    context_.findings.add(
        Kind::kObjectIdsPlace, spot,
        fmt::format("an object of {} bytes at byte {} is outside the region of {} bytes",
                    entry.length, entry.offset, region.size));
    return false;
  }
  const std::uint64_t unit =
      region.type == RegionType::kPageAlignedData ? kPageSize : kObjectAlignment;
  if (entry.offset % unit != 0) {
    context_.findings.add(
        Kind::kObjectIdsAlignment, spot,
        fmt::format("an object at byte {}, which is not a multiple of {}", entry.offset, unit));
  }
  return true;
}

}  // namespace cim::image_check
