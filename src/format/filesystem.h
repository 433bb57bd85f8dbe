// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The root of an image's metadata: the Filesystem object and the directory of file tables
// (docs/format.md, "The filesystem object").

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/endian.h"
#include "format/finding.h"
#include "format/link_table.h"
#include "format/region_offset.h"

namespace cim::format {

/// Number of files per table; file id f is slot (f - 1) mod 1024 of table (f - 1) div 1024.
inline constexpr std::uint32_t kFilesPerTable = 1024;

/// The object that everything else in an image is reached from.
struct Filesystem {
  RegionOffset upcase_table;
  RegionOffset file_tables;
  std::uint32_t file_table_count = 0;
  std::uint32_t root = 0;
};

/// An entry of the directory of file tables: one table of up to kFilesPerTable records.
struct FileTable {
  RegionOffset records;
  std::uint16_t count = 0;        ///< number of valid files in the table
  std::uint16_t record_size = 0;  ///< bytes from one record to the next
};

struct DiskFilesystem {
  Le64 upcase_table;      // 0
  Le64 file_tables;       // 8
  Le32 file_table_count;  // 16
  Le32 root;              // 20
};
static_assert(sizeof(DiskFilesystem) == 24);
static_assert(offsetof(DiskFilesystem, root) == 20);

struct DiskFileTable {
  Le64 records;      // 0
  Le16 count;        // 8
  Le16 record_size;  // 10
  Le32 reserved;     // 12
};
static_assert(sizeof(DiskFileTable) == 16);
static_assert(offsetof(DiskFileTable, reserved) == 12);

inline DiskFilesystem encode(const Filesystem& filesystem) {
  return {filesystem.upcase_table.raw(), filesystem.file_tables.raw(), filesystem.file_table_count,
          filesystem.root};
}
inline Filesystem decode(const DiskFilesystem& disk) {
  return {RegionOffset(disk.upcase_table), RegionOffset(disk.file_tables), disk.file_table_count,
          disk.root};
}

inline DiskFileTable encode(const FileTable& table) {
  return {table.records.raw(), table.count, table.record_size, 0U};
}
inline FileTable decode(const DiskFileTable& disk) {
  return {RegionOffset(disk.records), disk.count, disk.record_size};
}

/// Returns whether an image can have that many file tables; reports it if not.
bool check_table_count(const Filesystem& filesystem, FindingSink& sink);

/// Decodes the directory of file tables and reports what is wrong with it. If a table states more
/// files than it can have, its count is reduced to kFilesPerTable.
std::vector<FileTable> decode_file_tables(ByteView bytes, FindingSink& sink);

/// Decodes the upcase table, of kUpcaseTableSize bytes.
std::unique_ptr<UpcaseTable> decode_upcase_table(ByteView bytes);

}  // namespace cim::format
