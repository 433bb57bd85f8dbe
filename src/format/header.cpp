// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/header.h"

#include <cstring>
#include <string>

#include <fmt/format.h>

#include "cimlib/error.h"

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

std::string_view type_name(FileType type) {
  constexpr std::array<std::string_view, 3> kNames = {"filesystem", "region", "object id"};
  return kNames.at(static_cast<std::size_t>(type));
}

Version check_common(const DiskCommonHeader& common, FileType type, std::size_t length,
                     std::string_view source) {
  const auto corrupt = [source](std::string reason, std::uint64_t offset) {
    return Error(ErrorCode::kCorrupt, std::string(source), std::move(reason), offset);
  };
  if (as_text(common.magic) != kMagic) {
    throw corrupt("not a CIM file: it does not start with \"cimfile0\"", 0);
  }
  if (common.type[0] != std::byte(type)) {
    throw corrupt(
        fmt::format("file type {}, expected {} ({} file)", std::to_integer<int>(common.type[0]),
                    static_cast<int>(type), type_name(type)),
        12);
  }
  const Version version = {common.major, common.minor};
  if (version.major < 1 || version.major > 3) {
    throw Error(ErrorCode::kUnsupported, std::string(source),
                fmt::format("unsupported format version {}.{}; versions 1 to 3 are supported",
                            version.major, version.minor));
  }
  if (common.header_length < length) {
    throw corrupt(fmt::format("a header of {} bytes, expected {}",
                              std::uint32_t{common.header_length}, length),
                  8);
  }
  return version;
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

void append_entry(Bytes& bytes, const ObjectIdEntry& entry) {
  append(bytes, DiskObjectIdEntry{entry.length, entry.digest, entry.offset});
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

FilesystemHeader decode_filesystem_header(ByteView bytes, std::string_view source) {
  ByteReader reader(bytes, source);
  const auto disk = reader.read<DiskFilesystemHeader>("the filesystem header");
  FilesystemHeader header;
  header.version = check_common(disk.common, FileType::kFilesystem, kFilesystemHeaderSize, source);
  header.own = region_set(disk.own);
  header.filesystem = RegionOffset(disk.filesystem);
  std::uint32_t regions = header.own.count;
  for (int i = 0; i < disk.parent_count; ++i) {
    header.parents.push_back(region_set(reader.read<DiskRegionSet>("a parent region set")));
    regions += header.parents.back().count;
  }
  if (regions == 0 || regions > kMaxRegions) {
    throw Error(ErrorCode::kCorrupt, std::string(source),
                fmt::format("{} regions in total; there must be 1 to {}", regions, kMaxRegions));
  }
  return header;
}

RegionHeader decode_region_header(ByteView bytes, std::string_view source) {
  ByteReader reader(bytes, source);
  const auto disk = reader.read<DiskRegionHeader>("the region header");
  const Version version = check_common(disk.common, FileType::kRegion, kRegionHeaderSize, source);
  return {version, disk.index, std::to_integer<std::uint8_t>(disk.type[0])};
}

ObjectIdHeader decode_object_id_header(ByteView bytes, std::string_view source) {
  ByteReader reader(bytes, source);
  const auto disk = reader.read<DiskObjectIdHeader>("the object id header");
  const Version version =
      check_common(disk.region.common, FileType::kObjectId, kObjectIdHeaderSize, source);
  return {version, disk.region.index, std::to_integer<std::uint8_t>(disk.region.type[0]),
          disk.table_offset, disk.count};
}

ObjectIdEntry decode_object_id_entry(ByteReader& reader) {
  const auto disk = reader.read<DiskObjectIdEntry>("an object id");
  return {disk.length, disk.digest, disk.offset};
}

}  // namespace cim::format
