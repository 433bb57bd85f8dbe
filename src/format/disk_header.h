// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The headers as stored on disk, with every field. Readers use the decoded forms in header.h; these
// are for code that also examines the rest, such as reserved fields.

#include <array>
#include <cstddef>
#include <string_view>

#include "base/endian.h"
#include "format/header.h"

namespace cim::format {

/// The first bytes of every file of an image.
inline constexpr std::string_view kMagic = "cimfile0";

struct DiskCommonHeader {
  std::array<std::byte, 8> magic;     // 0
  Le32 header_length;                 // 8
  std::array<std::byte, 1> type;      // 12
  std::array<std::byte, 3> reserved;  // 13
  Le32 major;                         // 16
  Le32 minor;                         // 20
  Le64 reserved2;                     // 24
};
static_assert(sizeof(DiskCommonHeader) == kCommonHeaderSize);
static_assert(offsetof(DiskCommonHeader, reserved2) == 24);

struct DiskRegionSet {
  std::array<std::byte, 16> guid;  // 0, mixed-endian
  Le16 count;                      // 16
  Le16 reserved;                   // 18
  Le32 reserved2;                  // 20
};
static_assert(sizeof(DiskRegionSet) == kRegionSetSize);
static_assert(offsetof(DiskRegionSet, reserved2) == 20);

struct DiskFilesystemHeader {
  DiskCommonHeader common;  // 0
  DiskRegionSet own;        // 32
  Le64 filesystem;          // 56
  Le32 reserved;            // 64
  Le16 reserved2;           // 68
  Le16 parent_count;        // 70
};
static_assert(sizeof(DiskFilesystemHeader) == kFilesystemHeaderSize);
static_assert(offsetof(DiskFilesystemHeader, parent_count) == 70);

struct DiskRegionHeader {
  DiskCommonHeader common;        // 0
  Le16 index;                     // 32
  std::array<std::byte, 1> type;  // 34
  std::array<std::byte, 1> pad;   // 35
  Le32 reserved;                  // 36
};
static_assert(sizeof(DiskRegionHeader) == kRegionHeaderSize);
static_assert(offsetof(DiskRegionHeader, reserved) == 36);

struct DiskObjectIdHeader {
  DiskRegionHeader region;  // 0; identical except for the type
  Le32 table_offset;        // 40
  Le32 count;               // 44
};
static_assert(sizeof(DiskObjectIdHeader) == kObjectIdHeaderSize);
static_assert(offsetof(DiskObjectIdHeader, count) == 44);

struct DiskObjectIdEntry {
  Le64 length;  // 0
  ObjectId id;  // 8
  Le64 offset;  // 32
};
static_assert(sizeof(DiskObjectIdEntry) == kObjectIdEntrySize);
static_assert(offsetof(DiskObjectIdEntry, offset) == 32);

/// The last bytes of the object ids that this library writes: "xxh3-128".
inline constexpr std::array<std::byte, 8> kObjectIdKind = {
    std::byte{'x'}, std::byte{'x'}, std::byte{'h'}, std::byte{'3'},
    std::byte{'-'}, std::byte{'1'}, std::byte{'2'}, std::byte{'8'}};

/// The first bytes of a list of back references.
inline constexpr std::array<std::byte, 8> kBackReferencesMagic = {
    std::byte{'c'}, std::byte{'i'}, std::byte{'m'}, std::byte{'n'},
    std::byte{'a'}, std::byte{'m'}, std::byte{'e'}, std::byte{'s'}};

struct DiskBackReferences {
  std::array<std::byte, 8> magic;  // 0
  Le32 count;                      // 8
  Le32 reserved;                   // 12
};
static_assert(sizeof(DiskBackReferences) == kBackReferencesHeaderSize);
static_assert(offsetof(DiskBackReferences, reserved) == 12);

struct DiskBackReference {
  Le32 file;       // 0
  Le32 directory;  // 4
};
static_assert(sizeof(DiskBackReference) == kBackReferenceSize);
static_assert(offsetof(DiskBackReference, directory) == 4);

}  // namespace cim::format
