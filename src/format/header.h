// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The headers of the three kinds of files that make up an image (docs/format.md, "Headers").

#include <array>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "cimlib/guid.h"

#include "base/bytes.h"
#include "base/xxh3.h"
#include "format/finding.h"
#include "format/region_offset.h"

namespace cim::format {

/// The type of a file of an image, as its header states it.
enum class FileType : std::uint8_t { kFilesystem = 0, kRegion = 1, kObjectId = 2 };

/// The version of the format that a file states.
struct Version {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;

  bool operator==(const Version&) const = default;
};

/// The version that this library writes; every known reader accepts it.
inline constexpr Version kWrittenVersion = {2, 0};

/// Sizes of the fixed headers.
inline constexpr std::size_t kCommonHeaderSize = 32;
inline constexpr std::size_t kFilesystemHeaderSize = 72;
inline constexpr std::size_t kRegionHeaderSize = 40;
inline constexpr std::size_t kObjectIdHeaderSize = 48;
inline constexpr std::size_t kRegionSetSize = 24;

/// The types of regions are numbered from 0.
inline constexpr std::uint8_t kMaxRegionType = 2;

/// The maximum number of regions of an image, over all its region sets.
inline constexpr std::uint32_t kMaxRegions = 65536;

/// A region set as a filesystem header lists it: its GUID and the number of its regions.
struct RegionSetEntry {
  Guid guid;
  std::uint16_t count = 0;

  bool operator==(const RegionSetEntry&) const = default;
};

/// The contents of a filesystem file.
struct FilesystemHeader {
  Version version = kWrittenVersion;
  RegionSetEntry own = {};
  RegionOffset filesystem = {};              ///< of the filesystem object
  std::vector<RegionSetEntry> parents = {};  ///< all ancestors; their regions are counted first
};

/// The header of a region file.
struct RegionHeader {
  Version version = kWrittenVersion;
  std::uint16_t index = 0;
  std::uint8_t type = 0;
};

/// The header of an object id file, which repeats the region's index and type.
struct ObjectIdHeader {
  Version version = kWrittenVersion;
  std::uint16_t index = 0;
  std::uint8_t type = 0;
  std::uint32_t table_offset = kObjectIdHeaderSize;
  std::uint32_t count = 0;
};

/// An object id: a hash of the object's bytes, and 8 bytes that name the kind of the id. Other
/// writers may use all 24 bytes in another way.
using ObjectId = std::array<std::byte, 24>;

/// Returns the id that this library writes.
ObjectId object_id(const Xxh3Digest& digest) noexcept;
/// Returns true if the id is of the kind that this library writes.
bool has_known_kind(const ObjectId& id) noexcept;

/// An object of a region: its size, its id, and its offset in the region.
struct ObjectIdEntry {
  std::uint64_t length = 0;
  ObjectId id{};
  std::uint64_t offset = 0;

  /// Object id files are sorted in this order.
  auto operator<=>(const ObjectIdEntry&) const = default;
};
inline constexpr std::size_t kObjectIdEntrySize = 40;

/// A directory, other than the recorded parent, that contains a name of a file. Lists of them
/// follow the object ids of a metadata region, for writers only
/// (docs/format.md, "Back references").
struct BackReference {
  std::uint32_t file = 0;
  std::uint32_t directory = 0;

  auto operator<=>(const BackReference&) const = default;
};
inline constexpr std::size_t kBackReferencesHeaderSize = 16;
inline constexpr std::size_t kBackReferenceSize = 8;

Bytes encode(const FilesystemHeader& header);
Bytes encode(const RegionHeader& header);
Bytes encode(const ObjectIdHeader& header);
void append_entry(Bytes& bytes, const ObjectIdEntry& entry);
/// Appends the list; `names` must be sorted.
void append_back_references(Bytes& bytes, const std::vector<BackReference>& names);

/// Decode the start of a file (the filesystem header needs the whole file) and report what is wrong
/// with it. Return nullopt if the rest cannot be interpreted.
std::optional<FilesystemHeader> decode_filesystem_header(ByteView bytes, FindingSink& sink);
/// `number` is the region's number by the name of its file.
std::optional<RegionHeader> decode_region_header(ByteView bytes, std::uint16_t number,
                                                 FindingSink& sink);
std::optional<ObjectIdHeader> decode_object_id_header(ByteView bytes, FindingSink& sink);

/// Decode as above and throw at the first fault, naming `file`: kUnsupported for a version other
/// than 1, 2 or 3, otherwise kCorrupt.
FilesystemHeader decode_filesystem_header(ByteView bytes, const std::filesystem::path& file);
ObjectIdHeader decode_object_id_header(ByteView bytes, const std::filesystem::path& file);

ObjectIdEntry decode_object_id_entry(ByteReader& reader);
/// Returns the number of back references that the list's header states; nullopt if it is not a
/// list.
std::optional<std::uint32_t> decode_back_references_header(ByteView bytes);
BackReference decode_back_reference(ByteReader& reader);

}  // namespace cim::format
