// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Object id files are as untrusted as the image: one that is damaged verifies nothing, but it can
// make intact contents look damaged only where it lists other bytes than were written.
#include "image/read/object_verifier.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "base/endian.h"

namespace cim {
namespace {

constexpr std::size_t kPieceToVerify = std::size_t{1} << 20;

// Returns the region set of a region and its number in the set.
std::pair<Guid, unsigned> set_of(std::uint32_t region, const std::vector<RegionSet>& sets) {
  for (const RegionSet& set : sets) {
    if (region < set.region_count) {
      return {set.guid, region};
    }
    region -= set.region_count;
  }
  throw Error(ErrorCode::kInvalidArgument, std::to_string(region), "is not a region");
}

}  // namespace

ObjectVerifier::ObjectVerifier(const ImageReader& image) : image_(image), buffer_(kPieceToVerify) {}

void ObjectVerifier::verify(const Stream& stream) {
  for (const Extent& extent : stream.extents()) {
    if (extent.region_offset == 0) {
      continue;
    }
    RegionIds& ids = ids_of(extent.region);
    const auto after = std::ranges::upper_bound(ids.entries, extent.region_offset, {},
                                                &format::ObjectIdEntry::offset);
    if (after == ids.entries.begin()) {
      continue;
    }
    const format::ObjectIdEntry& entry = *std::prev(after);
    if (extent.region_offset - entry.offset >= entry.length) {
      continue;
    }
    const std::uint64_t key =
        format::RegionOffset(static_cast<std::uint16_t>(extent.region), entry.offset).raw();
    const auto [known, is_new] = verified_.try_emplace(key, true);
    if (is_new && entry.length <= ids.bytes_left) {
      ids.bytes_left -= entry.length;
      known->second = matches(extent.region, entry, stream);
    }
    if (!known->second) {
      throw Error(ErrorCode::kCorrupt, image_.files().regions()[extent.region].path.string(),
                  "the contents do not match their object id, so they were changed", entry.offset);
    }
  }
}

ObjectVerifier::RegionIds& ObjectVerifier::ids_of(std::uint32_t region) {
  const auto [known, is_new] = ids_.try_emplace(region);
  if (is_new) {
    try {
      known->second = read_ids(region);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kLimit) {
        throw;
      }
    }
  }
  return known->second;
}

ObjectVerifier::RegionIds ObjectVerifier::read_ids(std::uint32_t region) const {
  const auto [set, number] = set_of(region, image_.region_sets());
  const File file =
      File::open_read_unlinked(image_.locator().find(object_id_file_name(set, number)));
  Bytes head(format::kObjectIdHeaderSize);
  head.resize(file.read_some_at(0, head));
  const auto header = format::decode_object_id_header(head, file.path());
  const std::uint64_t size = std::uint64_t{header.count} * format::kObjectIdEntrySize;
  const std::uint64_t region_size = image_.files().regions()[region].size;
  RegionIds ids = {.bytes_left = region_size + region_size / 2};
  // Ids of another region, more of them than it has room for, or ids in holes are forged.
  if (header.index != number || header.count > region_size ||
      !fits_within(header.table_offset, size, file.size_without_holes())) {
    return ids;
  }
  Bytes table(static_cast<std::size_t>(size));
  file.read_at(header.table_offset, table);
  ByteReader reader(table, file.path().string());
  ids.entries.reserve(header.count);
  for (std::uint32_t i = 0; i < header.count; ++i) {
    const auto entry = format::decode_object_id_entry(reader);
    if (format::has_known_kind(entry.id) && fits_within(entry.offset, entry.length, region_size)) {
      ids.entries.push_back(entry);
    }
  }
  std::ranges::sort(ids.entries, {}, &format::ObjectIdEntry::offset);
  return ids;
}

// Returns the extents of the stream in an object, in the order of the region.
std::vector<Extent> ObjectVerifier::parts_of(const Stream& stream, std::uint32_t region,
                                             const format::ObjectIdEntry& entry) const {
  std::vector<Extent> parts;
  std::ranges::copy_if(stream.extents(), std::back_inserter(parts), [&](const Extent& extent) {
    return extent.region == region && extent.region_offset >= entry.offset &&
           fits_within(extent.region_offset - entry.offset, extent.size, entry.length);
  });
  std::ranges::sort(parts, {}, &Extent::region_offset);
  return parts;
}

void ObjectVerifier::hash(const OpenRegion& file, std::uint64_t offset, std::uint64_t size) {
  for (std::uint64_t done = 0; done < size;) {
    const auto piece = std::span(buffer_).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), size - done)));
    file.read_at(offset + done, piece);
    hash_.update(piece);
    done += piece.size();
  }
}

void ObjectVerifier::hash_zeros(std::uint64_t size) {
  static constexpr std::array<std::byte, 4096> kZeros{};
  for (; size != 0; size -= std::min<std::uint64_t>(size, kZeros.size())) {
    hash_.update(std::span(kZeros).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(size, kZeros.size()))));
  }
}

// An expanded executable has padding between its sections, which this library writes as zeros.
// Damage there concerns no file, so the padding is only read if it must have been something else.
bool ObjectVerifier::matches(std::uint32_t region, const format::ObjectIdEntry& entry,
                             const Stream& stream) {
  const OpenRegion file = image_.files().open(region);
  std::uint64_t at = entry.offset;
  for (const Extent& part : parts_of(stream, region, entry)) {
    if (part.region_offset >= at) {
      hash_zeros(part.region_offset - at);
      hash(file, part.region_offset, part.size);
      at = part.region_offset + part.size;
    }
  }
  hash_zeros(entry.offset + entry.length - at);
  if (format::object_id(hash_.finish()) == entry.id) {
    return true;
  }
  hash(file, entry.offset, entry.length);
  return format::object_id(hash_.finish()) == entry.id;
}

}  // namespace cim
