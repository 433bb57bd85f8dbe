// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/filesystem.h"

#include <cstring>
#include <limits>

#include <fmt/format.h>

namespace cim::format {

bool check_table_count(const Filesystem& filesystem, FindingSink& sink) {
  constexpr std::uint32_t kMaxTables = std::numeric_limits<FileId>::max() / kFilesPerTable;
  const std::uint32_t count = filesystem.file_table_count;
  if (count == 0 || count > kMaxTables) {
    sink.add(Kind::kFileTablesCount, offsetof(DiskFilesystem, file_table_count),
             fmt::format("{} file tables; there must be 1 to {}", count, kMaxTables));
    return false;
  }
  return true;
}

std::vector<FileTable> decode_file_tables(ByteView bytes, FindingSink& sink) {
  std::vector<FileTable> tables(bytes.size() / sizeof(DiskFileTable));
  ByteReader reader(bytes, "");
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const std::size_t offset = reader.position();
    const auto disk = reader.read<DiskFileTable>("a file table");
    tables[i] = decode(disk);
    check_reserved(disk.reserved, offset + offsetof(DiskFileTable, reserved), sink);
    if (tables[i].count > kFilesPerTable) {
      sink.add(Kind::kFileTableCount, offset + offsetof(DiskFileTable, count),
               fmt::format("file table {} has {} files; the limit is {}", i, tables[i].count,
                           kFilesPerTable));
      tables[i].count = kFilesPerTable;
    }
  }
  return tables;
}

std::unique_ptr<UpcaseTable> decode_upcase_table(ByteView bytes) {
  auto table = std::make_unique<UpcaseTable>();
  for (std::size_t i = 0; i < table->size(); ++i) {
    Le16 unit;
    std::memcpy(&unit, &bytes[2 * i], sizeof unit);
    (*table)[i] = static_cast<char16_t>(std::uint16_t{unit});
  }
  return table;
}

}  // namespace cim::format
