// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The record of a file or directory (docs/format.md, "The file record").

#include <cstddef>
#include <cstdint>

#include "cimlib/filetime.h"

#include "base/bytes.h"
#include "base/endian.h"
#include "format/finding.h"
#include "format/stream.h"

namespace cim::format {

/// Bits of the record's flags; the Win32 attributes of the same meaning have different values.
enum FileFlags : std::uint16_t {
  kFlagReadOnly = 1,
  kFlagHidden = 2,
  kFlagSystem = 4,
  kFlagArchive = 8,
  kFlagSparse = 16,
};

/// A decoded record. Offsets of objects that the file does not have are absent.
struct FileRecord {
  std::uint16_t flags = 0;        ///< FileFlags
  std::uint16_t ea_length = 0;    ///< bytes of the list of extended attributes
  std::uint32_t reparse_tag = 0;  ///< 0 if the file is not a reparse point
  FileTimes times;
  Stream stream;
  RegionOffset security_descriptor;
  RegionOffset extended_attributes;
  RegionOffset reparse_data;
  RegionOffset streams;           ///< the table of alternate streams
  std::uint32_t parent = 0;       ///< a directory with a name of the file; 0 in version 1
  std::uint16_t base_region = 0;  ///< 0 except in merged images

  bool is_directory() const noexcept { return stream.type == StreamType::kLinkTable; }
};

/// Size in bytes of a record of version 2, the version that this library writes.
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

/// Copies a record of any size: missing fields are zero, additional bytes are ignored.
DiskFileRecord load_file_record(ByteView bytes);
FileRecord decode(const DiskFileRecord& disk);
inline FileRecord decode_file_record(ByteView bytes) {
  return decode(load_file_record(bytes));
}

/// Reports flags without meaning and the reserved field, which readers ignore.
void check_unused(const DiskFileRecord& record, FindingSink& sink);

/// Convert between Win32 attributes and the record's flags; other attributes are dropped.
std::uint16_t flags_of_attributes(std::uint32_t attributes) noexcept;
std::uint32_t attributes_of_flags(std::uint16_t flags) noexcept;

}  // namespace cim::format
