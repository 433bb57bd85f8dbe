// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The record of a file or directory (docs/format.md, "The file record").

#include <cstddef>
#include <cstdint>

#include "cimlib/filetime.h"

#include "base/bytes.h"
#include "base/endian.h"
#include "format/stream.h"

namespace cim::format {

/// Bits of the record's flags; Win32 attributes of the same meaning have other numbers.
enum FileFlags : std::uint16_t {
  kFlagReadOnly = 1,
  kFlagHidden = 2,
  kFlagSystem = 4,
  kFlagArchive = 8,
  kFlagSparse = 16,
};

struct FileRecord {
  std::uint16_t flags = 0;
  std::uint16_t ea_length = 0;
  std::uint32_t reparse_tag = 0;
  FileTimes times;
  Stream stream;
  RegionOffset security_descriptor;
  RegionOffset extended_attributes;
  RegionOffset reparse_data;
  RegionOffset streams;
  std::uint32_t parent = 0;
  std::uint16_t base_region = 0;

  bool is_directory() const noexcept { return stream.type == StreamType::kLinkTable; }
};

/// Bytes of a record of version 2, which this library writes.
inline constexpr std::size_t kFileRecordSize = 96;

struct DiskFileRecord {
  Le16 flags;                // 0
  Le16 ea_length;            // 2
  Le32 reparse_tag;          // 4
  Le64 creation;             // 8
  Le64 last_write;           // 16
  Le64 change;               // 24
  Le64 last_access;          // 32
  DiskStream stream;         // 40
  Le64 security_descriptor;  // 56
  Le64 extended_attributes;  // 64
  Le64 reparse_data;         // 72
  Le64 streams;              // 80
  Le32 parent;               // 88
  Le16 base_region;          // 92
  Le16 reserved;             // 94
};
static_assert(sizeof(DiskFileRecord) == kFileRecordSize);
static_assert(offsetof(DiskFileRecord, stream) == 40);
static_assert(offsetof(DiskFileRecord, streams) == 80);
static_assert(offsetof(DiskFileRecord, reserved) == 94);

Bytes encode(const FileRecord& record);

/// Reads a record of any size: what is missing is zero, what is more is not looked at.
FileRecord decode_file_record(ByteView bytes);

/// Flags of the record from Win32 attributes and back; other attributes are lost.
std::uint16_t flags_of_attributes(std::uint32_t attributes) noexcept;
std::uint32_t attributes_of_flags(std::uint16_t flags) noexcept;

}  // namespace cim::format
