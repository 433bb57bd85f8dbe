// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/ancestor_objects.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "format/header.h"
#include "image/region_files.h"

namespace cim {

AncestorObjects::AncestorObjects(const ImageReader& base) {
  const auto parent = base.path().parent_path();
  const std::filesystem::path directory = parent.empty() ? "." : parent;
  std::uint16_t region = 0;
  for (const RegionSet& set : base.region_sets()) {
    for (unsigned i = 0; i < set.region_count; ++i, ++region) {
      open(directory / object_id_file_name(set.guid, i), region, base.files().regions()[region]);
    }
  }
}

void AncestorObjects::open(const std::filesystem::path& path, std::uint16_t region,
                           const Region& data) {
  try {
    CachedFile file(File::open_read(path));
    std::array<std::byte, format::kObjectIdHeaderSize> head{};
    file.read_at(0, head);
    const auto header = format::decode_object_id_header(head, path.string());
    const std::uint64_t size = std::uint64_t{header.count} * format::kObjectIdEntrySize;
    if (fits_within(header.table_offset, size, file.size())) {
      tables_.push_back(
          {std::move(file), data.type, region, data.size, header.table_offset, header.count});
    }
  } catch (const Error&) {  // these files only save space, and an image is whole without them
  }
}

std::optional<format::RegionOffset> AncestorObjects::find(RegionType type, std::uint64_t length,
                                                          const Sha256Digest& digest) {
  ShortDigest wanted;
  std::copy_n(digest.begin(), wanted.size(), wanted.begin());
  // The nearest ancestor is the likeliest to have what the fork has.
  for (auto table = tables_.rbegin(); table != tables_.rend(); ++table) {
    if (table->type == type) {
      if (const auto found = find_in(*table, length, wanted)) {
        return found;
      }
    }
  }
  return std::nullopt;
}

bool AncestorObjects::has_length(RegionType type, std::uint64_t length) {
  return std::ranges::any_of(tables_, [&](Table& table) {
    if (table.type != type) {
      return false;
    }
    const auto entry = first_from(table, length, {});
    return entry && entry->length == length;
  });
}

std::optional<format::RegionOffset> AncestorObjects::find_in(Table& table, std::uint64_t length,
                                                             const ShortDigest& digest) {
  const auto entry = first_from(table, length, digest);
  if (!entry || entry->length != length || entry->digest != digest || entry->offset == 0 ||
      !fits_within(entry->offset, length, table.region_size)) {
    return std::nullopt;
  }
  return format::RegionOffset(table.region, entry->offset);
}

// The first entry that is not before the wanted one.
std::optional<format::ObjectIdEntry> AncestorObjects::first_from(Table& table, std::uint64_t length,
                                                                 const ShortDigest& digest) {
  std::optional<format::ObjectIdEntry> first;
  std::uint32_t low = 0;
  std::uint32_t high = table.count;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    std::array<std::byte, format::kObjectIdEntrySize> bytes{};
    table.file.read_at(table.offset + std::uint64_t{middle} * bytes.size(), bytes);
    ByteReader reader(bytes, "");
    const auto entry = format::decode_object_id_entry(reader);
    if (std::tie(entry.length, entry.digest) < std::tie(length, digest)) {
      low = middle + 1;
    } else {
      first = entry;
      high = middle;
    }
  }
  return first;
}

}  // namespace cim
