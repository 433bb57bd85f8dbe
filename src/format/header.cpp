// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Decoders report every defect and continue as long as the rest of a header can be interpreted, so
// that a check finds as much as possible. A reader passes a sink that throws at the first fault.
#include "format/header.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "format/disk_header.h"

namespace cim::format {
namespace {

DiskCommonHeader common_header(FileType type, std::size_t length, Version version) {
  DiskCommonHeader common{};
  std::memcpy(common.magic.data(), kMagic.data(), kMagic.size());
  common.header_length = static_cast<std::uint32_t>(length);
  common.type[0] = std::byte(type);
  common.major = version.major;
  common.minor = version.minor;
  return common;
}

DiskRegionSet region_set(const RegionSetEntry& set) {
  DiskRegionSet disk{};
  disk.guid = set.guid.to_mixed_endian();
  disk.count = set.count;
  return disk;
}

RegionSetEntry region_set(const DiskRegionSet& disk) {
  return {Guid::from_mixed_endian(disk.guid), disk.count};
}

std::string type_text(std::uint8_t type) {
  constexpr std::array<std::string_view, 3> kNames = {" (filesystem)", " (region)", " (object id)"};
  return fmt::format("{}{}", type, type < kNames.size() ? kNames[type] : "");
}

template <std::size_t N>
std::uint64_t any_bits(const std::array<std::byte, N>& bytes) {
  std::byte all{0};
  for (const std::byte b : bytes) {
    all |= b;
  }
  return std::to_integer<std::uint64_t>(all);
}

// Returns whether the rest of the file can be interpreted.
bool check_common(const DiskCommonHeader& common, FileType type, std::size_t length,
                  FindingSink& sink) {
  if (as_text(common.magic) != kMagic) {
    sink.add(Kind::kHeaderMagic, 0, "the file does not start with \"cimfile0\"");
    return false;
  }
  const bool has_type = common.type[0] == std::byte(type);
  if (!has_type) {
    sink.add(Kind::kHeaderType, offsetof(DiskCommonHeader, type),
             fmt::format("file type {}, expected {}",
                         type_text(std::to_integer<std::uint8_t>(common.type[0])),
                         type_text(static_cast<std::uint8_t>(type))));
  }
  const bool has_known_version = common.major >= 1 && common.major <= 3;
  if (!has_known_version) {
    sink.add(Kind::kHeaderVersion, offsetof(DiskCommonHeader, major),
             fmt::format("unsupported format version {}.{}; versions 1 to 3 are supported",
                         std::uint32_t{common.major}, std::uint32_t{common.minor}));
  }
  if (common.header_length != length) {
    sink.add(common.header_length < length ? Kind::kHeaderLength : Kind::kHeaderLong,
             offsetof(DiskCommonHeader, header_length),
             fmt::format("a header of {} bytes, expected {}", std::uint32_t{common.header_length},
                         length));
  }
  if (common.minor != 0) {
    sink.add(Kind::kHeaderMinorVersion, offsetof(DiskCommonHeader, minor),
             fmt::format("unknown format version {}.{}; the only known minor version is 0",
                         std::uint32_t{common.major}, std::uint32_t{common.minor}));
  }
  check_reserved(any_bits(common.reserved), offsetof(DiskCommonHeader, reserved), sink);
  check_reserved(common.reserved2, offsetof(DiskCommonHeader, reserved2), sink);
  return has_type && has_known_version;
}

// Returns the fixed part of a header, nullopt if the file ends within it.
template <DiskStruct T>
std::optional<T> load_header(ByteView bytes, FindingSink& sink) {
  if (bytes.size() < sizeof(T)) {
    sink.add(Kind::kHeaderTruncated, bytes.size(),
             fmt::format("the file ends here, inside its {}-byte header", sizeof(T)));
    return std::nullopt;
  }
  T header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header;
}

void check_region_set(const DiskRegionSet& set, std::uint64_t offset, FindingSink& sink) {
  check_reserved(set.reserved, offset + offsetof(DiskRegionSet, reserved), sink);
  check_reserved(set.reserved2, offset + offsetof(DiskRegionSet, reserved2), sink);
  if (set.count == 0) {
    sink.add(Kind::kRegionSetEmpty, offset + offsetof(DiskRegionSet, count),
             "the region set has no regions");
  }
}

void check_unused(const DiskRegionHeader& header, FindingSink& sink) {
  check_reserved(std::to_integer<std::uint64_t>(header.pad[0]), offsetof(DiskRegionHeader, pad),
                 sink);
  check_reserved(header.reserved, offsetof(DiskRegionHeader, reserved), sink);
}

}  // namespace

Bytes encode(const FilesystemHeader& header) {
  DiskFilesystemHeader disk{};
  disk.common = common_header(FileType::kFilesystem, kFilesystemHeaderSize, header.version);
  disk.own = region_set(header.own);
  disk.filesystem = header.filesystem.raw();
  disk.parent_count = static_cast<std::uint16_t>(header.parents.size());
  Bytes bytes;
  append(bytes, disk);
  for (const RegionSetEntry& parent : header.parents) {
    append(bytes, region_set(parent));
  }
  return bytes;
}

Bytes encode(const RegionHeader& header) {
  DiskRegionHeader disk{};
  disk.common = common_header(FileType::kRegion, kRegionHeaderSize, header.version);
  disk.index = header.index;
  disk.type[0] = std::byte{header.type};
  Bytes bytes;
  append(bytes, disk);
  return bytes;
}

Bytes encode(const ObjectIdHeader& header) {
  DiskObjectIdHeader disk{};
  disk.region.common = common_header(FileType::kObjectId, kObjectIdHeaderSize, header.version);
  disk.region.index = header.index;
  disk.region.type[0] = std::byte{header.type};
  disk.table_offset = header.table_offset;
  disk.count = header.count;
  Bytes bytes;
  append(bytes, disk);
  return bytes;
}

ObjectId object_id(const Xxh3Digest& digest) noexcept {
  ObjectId id;
  std::ranges::copy(kObjectIdKind, std::ranges::copy(digest, id.begin()).out);
  return id;
}

bool has_known_kind(const ObjectId& id) noexcept {
  return std::ranges::equal(std::span(id).last(kObjectIdKind.size()), kObjectIdKind);
}

void append_entry(Bytes& bytes, const ObjectIdEntry& entry) {
  append(bytes, DiskObjectIdEntry{entry.length, entry.id, entry.offset});
}

void append_back_references(Bytes& bytes, const std::vector<BackReference>& names) {
  append(bytes,
         DiskBackReferences{kBackReferencesMagic, static_cast<std::uint32_t>(names.size()), 0U});
  for (const BackReference& name : names) {
    append(bytes, DiskBackReference{name.file, name.directory});
  }
}

std::optional<std::uint32_t> decode_back_references_header(ByteView bytes) {
  if (bytes.size() < sizeof(DiskBackReferences)) {
    return std::nullopt;
  }
  const auto disk = ByteReader(bytes, "").read<DiskBackReferences>("the back references");
  return disk.magic == kBackReferencesMagic ? std::optional<std::uint32_t>(disk.count)
                                            : std::nullopt;
}

BackReference decode_back_reference(ByteReader& reader) {
  const auto disk = reader.read<DiskBackReference>("a back reference");
  return {disk.file, disk.directory};
}

std::optional<FilesystemHeader> decode_filesystem_header(ByteView bytes, FindingSink& sink) {
  if (!as_text(bytes).starts_with(kMagic)) {
    sink.add(Kind::kHeaderMagic, 0, "not a CIM file: it does not start with \"cimfile0\"");
    return std::nullopt;
  }
  const auto disk = load_header<DiskFilesystemHeader>(bytes, sink);
  if (!disk || !check_common(disk->common, FileType::kFilesystem, sizeof *disk, sink)) {
    return std::nullopt;
  }
  check_reserved(disk->reserved, offsetof(DiskFilesystemHeader, reserved), sink);
  check_reserved(disk->reserved2, offsetof(DiskFilesystemHeader, reserved2), sink);
  check_region_set(disk->own, offsetof(DiskFilesystemHeader, own), sink);
  const std::size_t end = sizeof *disk + disk->parent_count * sizeof(DiskRegionSet);
  if (end > bytes.size()) {
    sink.add(Kind::kHeaderTruncated, offsetof(DiskFilesystemHeader, parent_count),
             fmt::format("the region sets of {} ancestors need {} bytes, but the file has only {}",
                         std::uint16_t{disk->parent_count}, end, bytes.size()));
    return std::nullopt;
  }
  FilesystemHeader header = {.version = {disk->common.major, disk->common.minor},
                             .own = region_set(disk->own),
                             .filesystem = RegionOffset(disk->filesystem)};
  header.parents.reserve(disk->parent_count);
  std::uint32_t regions = header.own.count;
  for (std::size_t offset = sizeof *disk; offset < end; offset += sizeof(DiskRegionSet)) {
    DiskRegionSet set{};
    std::memcpy(&set, &bytes[offset], sizeof set);
    check_region_set(set, offset, sink);
    header.parents.push_back(region_set(set));
    regions += set.count;
  }
  if (regions == 0 || regions > kMaxRegions) {
    sink.add(Kind::kRegionCount, offsetof(DiskFilesystemHeader, own),
             fmt::format("{} regions in total; there must be 1 to {}", regions, kMaxRegions));
  }
  return header;
}

std::optional<RegionHeader> decode_region_header(ByteView bytes, std::uint16_t number,
                                                 FindingSink& sink) {
  const auto disk = load_header<DiskRegionHeader>(bytes, sink);
  if (!disk || !check_common(disk->common, FileType::kRegion, sizeof *disk, sink)) {
    return std::nullopt;
  }
  check_unused(*disk, sink);
  const auto type = std::to_integer<std::uint8_t>(disk->type[0]);
  if (disk->index != number) {
    sink.add(Kind::kRegionIndex, offsetof(DiskRegionHeader, index),
             fmt::format("the header states region {}, but the file name {}",
                         std::uint16_t{disk->index}, number));
  }
  if (type > kMaxRegionType) {
    sink.add(
        Kind::kRegionType, offsetof(DiskRegionHeader, type),
        fmt::format("unknown region type {}; the known ones are 0 to {}", type, kMaxRegionType));
    return std::nullopt;
  }
  return RegionHeader{{disk->common.major, disk->common.minor}, disk->index, type};
}

std::optional<ObjectIdHeader> decode_object_id_header(ByteView bytes, FindingSink& sink) {
  const auto disk = load_header<DiskObjectIdHeader>(bytes, sink);
  if (!disk || !check_common(disk->region.common, FileType::kObjectId, sizeof *disk, sink)) {
    return std::nullopt;
  }
  check_unused(disk->region, sink);
  return ObjectIdHeader{{disk->region.common.major, disk->region.common.minor},
                        disk->region.index,
                        std::to_integer<std::uint8_t>(disk->region.type[0]),
                        disk->table_offset,
                        disk->count};
}

FilesystemHeader decode_filesystem_header(ByteView bytes, const std::filesystem::path& file) {
  ThrowingSink sink(file);
  return decode_filesystem_header(bytes, sink).value();
}

ObjectIdHeader decode_object_id_header(ByteView bytes, const std::filesystem::path& file) {
  ThrowingSink sink(file);
  return decode_object_id_header(bytes, sink).value();
}

ObjectIdEntry decode_object_id_entry(ByteReader& reader) {
  const auto disk = reader.read<DiskObjectIdEntry>("an object id");
  return {disk.length, disk.id, disk.offset};
}

}  // namespace cim::format
