// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Reads the object id files of the ancestors. Nothing in them is trusted: a wrong entry leads to
// bytes that are compared and found to differ, and a file that cannot be read only costs space.
#include "image/write/ancestor_objects.h"

#include <utility>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "image/read/region_files.h"
#include "image/write/object_store.h"

namespace cim {
namespace {

// Entries of a table that is read as a whole, and of all such tables together (about 20 MiB).
constexpr std::uint32_t kSmallTable = 1024;
constexpr std::uint64_t kMostSmallEntries = std::uint64_t{256} << 10;

}  // namespace

AncestorObjects::AncestorObjects(std::shared_ptr<const ImageReader> base) : base_(std::move(base)) {
  RegionLocator locator = base_->locator();
  std::uint16_t region = 0;
  for (const RegionSet& set : base_->region_sets()) {
    for (unsigned i = 0; i < set.region_count; ++i, ++region) {
      open(locator.find(object_id_file_name(set.guid, i)), region);
    }
  }
}

void AncestorObjects::open(const std::filesystem::path& path, std::uint16_t region) {
  try {
    const File file = File::open_read_unlinked(path);
    std::array<std::byte, format::kObjectIdHeaderSize> head{};
    file.read_at(0, head);
    const auto header = format::decode_object_id_header(head, path.string());
    const std::uint64_t size = std::uint64_t{header.count} * format::kObjectIdEntrySize;
    if (!fits_within(header.table_offset, size, file.size())) {
      return;
    }
    if (header.count <= kSmallTable && small_entries_ + header.count <= kMostSmallEntries) {
      read_small(file, header.table_offset, header.count, region);
    } else {
      tables_.push_back({files_.add(path), base_->files().regions()[region].type, region,
                         header.table_offset, header.count});
    }
  } catch (const Error&) {  // these files only save space; an image is complete without them
  }
}

// Tables of nearer ancestors come later and replace equal entries.
void AncestorObjects::read_small(const File& file, std::uint64_t offset, std::uint32_t count,
                                 std::uint16_t region) {
  Bytes bytes(count * format::kObjectIdEntrySize);
  file.read_at(offset, bytes);
  ObjectIndex& small = small_[static_cast<std::size_t>(base_->files().regions()[region].type)];
  ByteReader reader(bytes, "");
  for (std::uint32_t i = 0; i < count; ++i) {
    auto entry = format::decode_object_id_entry(reader);
    if (can_be(entry, region)) {
      entry.offset = format::RegionOffset(region, entry.offset).raw();
      small.add(entry);
    }
  }
  small_entries_ += count;
}

// Returns true if an object of that length fits at the offset that the entry gives.
bool AncestorObjects::can_be(const format::ObjectIdEntry& entry, std::uint16_t region) const {
  const Region& data = base_->files().regions()[region];
  const std::uint64_t alignment =
      data.type == RegionType::kPageAlignedData ? kPageSize : kObjectAlignment;
  return entry.offset != 0 && entry.offset % alignment == 0 &&
         entry.offset <= format::RegionOffset::kMaxByteOffset &&
         fits_within(entry.offset, entry.length, data.size);
}

std::optional<format::RegionOffset> AncestorObjects::find(RegionType type, std::uint64_t length,
                                                          const format::ObjectId& id) {
  if (const auto found = small_[static_cast<std::size_t>(type)].find(length, id)) {
    return format::RegionOffset(*found);
  }
  const format::ObjectIdEntry wanted = {length, id, 0};
  for (auto table = tables_.rbegin(); table != tables_.rend(); ++table) {
    if (table->type == type) {
      const auto entry = first_from(*table, wanted);
      if (entry && entry->length == length && entry->id == id && can_be(*entry, table->region)) {
        return format::RegionOffset(table->region, entry->offset);
      }
    }
  }
  return std::nullopt;
}

bool AncestorObjects::read(format::RegionOffset place, std::span<std::byte> into) const noexcept {
  try {
    base_->files().read(place, into, "an object");
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

// Returns the first entry not before the wanted one; nullopt if all are, or if the table cannot be
// read any more.
std::optional<format::ObjectIdEntry> AncestorObjects::first_from(
    const Table& table, const format::ObjectIdEntry& wanted) {
  std::optional<format::ObjectIdEntry> first;
  std::uint32_t low = 0;
  std::uint32_t high = table.count;
  try {
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      std::array<std::byte, format::kObjectIdEntrySize> bytes{};
      files_.read_at(table.file, table.offset + std::uint64_t{middle} * bytes.size(), bytes);
      ByteReader reader(bytes, "");
      const auto entry = format::decode_object_id_entry(reader);
      if (entry < wanted) {
        low = middle + 1;
      } else {
        first = entry;
        high = middle;
      }
    }
    return first;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace cim
