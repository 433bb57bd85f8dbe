// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The record of a file or directory (docs/format.md, "The file record").

#include <cstdint>

#include "cimlib/filetime.h"

#include "base/bytes.h"
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

Bytes encode(const FileRecord& record);

/// Reads a record of any size: what is missing is zero, what is more is not looked at.
FileRecord decode_file_record(ByteView bytes);

/// Flags of the record from Win32 attributes and back; other attributes are lost.
std::uint16_t flags_of_attributes(std::uint32_t attributes) noexcept;
std::uint32_t attributes_of_flags(std::uint16_t flags) noexcept;

}  // namespace cim::format
