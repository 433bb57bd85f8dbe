// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/filesystem.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/upcase.h"
#include "image/check/headers.h"

namespace cim::image_check {
namespace {

using format::DiskFilesystem;
using format::DiskFileTable;

constexpr std::uint32_t kMaxTables = std::numeric_limits<FileId>::max() / format::kFilesPerTable;

// Sizes of versions 1, 2 and 3.
constexpr std::array<std::uint16_t, 3> kRecordSizes = {88, 96, 104};

// Returns the first wrong unit: ASCII must be mapped as in Windows' table, and an upper-case letter
// to itself.
std::optional<std::uint32_t> broken_unit(const format::UpcaseTable& table) {
  for (std::uint32_t unit = 0; unit < table.size(); ++unit) {
    const bool is_ascii_wrong = unit < 128 && table[unit] != upcase(static_cast<char16_t>(unit));
    if (is_ascii_wrong || table[table[unit]] != table[unit]) {
      return unit;
    }
  }
  return std::nullopt;
}

class FilesystemObject {
 public:
  explicit FilesystemObject(Context& context)
      : context_(context), regions_(context.regions), findings_(context.findings) {}

  std::optional<CheckedFilesystem> check(format::RegionOffset offset, const Spot& spot) {
    constexpr std::string_view kWhat = "the filesystem object";
    DiskFilesystem disk{};
    if (!regions_.read(offset, std::as_writable_bytes(std::span(&disk, 1)), kWhat, spot)) {
      return std::nullopt;
    }
    regions_.check_metadata_place(offset, kWhat, spot);
    context_.claim(offset, sizeof disk, ObjectKind::kFilesystem);
    const Spot start = regions_.spot(offset);
    CheckedFilesystem filesystem;
    filesystem.root = disk.root;
    filesystem.root_spot = start.at(offsetof(DiskFilesystem, root));
    filesystem.upcase = upcase_table(format::RegionOffset(disk.upcase_table),
                                     start.at(offsetof(DiskFilesystem, upcase_table)));
    filesystem.tables = file_tables(format::decode(disk), start);
    return filesystem;
  }

 private:
  static std::unique_ptr<const format::UpcaseTable> table_of_windows() {
    return std::make_unique<const format::UpcaseTable>(cim::upcase_table());
  }

  std::unique_ptr<const format::UpcaseTable> upcase_table(format::RegionOffset offset,
                                                          const Spot& spot) {
    constexpr std::string_view kWhat = "the upcase table";
    const auto bytes = regions_.read(offset, format::kUpcaseTableSize, kWhat, spot);
    if (!bytes) {
      return table_of_windows();
    }
    regions_.check_metadata_place(offset, kWhat, spot);
    context_.claim(offset, bytes->size(), ObjectKind::kUpcaseTable);
    auto table = std::make_unique<format::UpcaseTable>();
    for (std::size_t i = 0; i < table->size(); ++i) {
      Le16 unit;
      std::memcpy(&unit, &(*bytes)[2 * i], sizeof unit);
      (*table)[i] = static_cast<char16_t>(std::uint16_t{unit});
    }
    if (*table == cim::upcase_table()) {
      return table;
    }
    if (const auto unit = broken_unit(*table)) {
      findings_.add(Kind::kUpcaseBroken, regions_.spot(offset).at(std::uint64_t{2} * *unit),
                    fmt::format("the upper case of U+{:04X} is U+{:04X}", *unit,
                                static_cast<std::uint32_t>((*table)[*unit])));
      return table_of_windows();
    }
    findings_.add(Kind::kUpcaseOther, regions_.spot(offset),
                  "the upcase table is not that of Windows volumes");
    return table;
  }

  std::vector<CheckedFileTable> file_tables(const format::Filesystem& filesystem,
                                            const Spot& start) {
    constexpr std::string_view kWhat = "the directory of file tables";
    const Spot spot = start.at(offsetof(DiskFilesystem, file_tables));
    const std::uint32_t count = filesystem.file_table_count;
    if (count == 0 || count > kMaxTables) {
      findings_.add(Kind::kFileTablesCount, start.at(offsetof(DiskFilesystem, file_table_count)),
                    fmt::format("{} file tables; there must be 1 to {}", count, kMaxTables));
      return {};
    }
    const std::uint64_t size = count * sizeof(DiskFileTable);
    const auto bytes = regions_.read(filesystem.file_tables, size, kWhat, spot);
    if (!bytes) {
      return {};
    }
    regions_.check_metadata_place(filesystem.file_tables, kWhat, spot);
    context_.claim(filesystem.file_tables, size, ObjectKind::kFileTables);
    ByteReader reader(*bytes, "");
    std::vector<CheckedFileTable> tables;
    tables.reserve(count);
    Spot entry = regions_.spot(filesystem.file_tables);
    for (std::uint32_t i = 0; i < count; ++i, entry = entry.at(sizeof(DiskFileTable))) {
      tables.push_back(file_table(i, reader.read<DiskFileTable>(kWhat), entry));
    }
    return tables;
  }

  CheckedFileTable file_table(std::uint32_t index, const DiskFileTable& disk, const Spot& spot) {
    const std::string what = fmt::format("file table {}", index);
    check_reserved(disk.reserved, spot.at(offsetof(DiskFileTable, reserved)), findings_);
    CheckedFileTable checked = {format::decode(disk)};
    format::FileTable& table = checked.table;
    if (table.count > format::kFilesPerTable) {
      findings_.add(Kind::kFileTableCount, spot.at(offsetof(DiskFileTable, count)),
                    fmt::format("{} has {} files; the limit is {}", what, table.count,
                                format::kFilesPerTable));
      table.count = format::kFilesPerTable;
    }
    if (table.count != 0 && !is_sound(table, what, spot)) {
      table.count = 0;
    }
    return checked;
  }

  bool is_sound(const format::FileTable& table, const std::string& what, const Spot& spot) {
    const Spot size_spot = spot.at(offsetof(DiskFileTable, record_size));
    if (table.record_size == 0) {
      findings_.add(Kind::kRecordSize, size_spot, fmt::format("{} has records of 0 bytes", what));
      return false;
    }
    if (std::ranges::find(kRecordSizes, table.record_size) == kRecordSizes.end()) {
      findings_.add(Kind::kRecordSizeOdd, size_spot,
                    fmt::format("{} has records of {} bytes, which no known version uses", what,
                                table.record_size));
    }
    const std::uint64_t size = std::uint64_t{table.count} * table.record_size;
    if (!regions_.holds(table.records, size, what, spot)) {
      return false;
    }
    regions_.check_metadata_place(table.records, what, spot);
    if (!take_place(table.records.raw(), table.records.raw() + size)) {
      findings_.add(Kind::kFileTableOverlap, spot,
                    fmt::format("{} overlaps another file table", what));
      return false;
    }
    context_.claim(table.records, size, ObjectKind::kFileTable);
    return true;
  }

  // Listing one table many times would make thousands of files out of sixteen bytes each.
  bool take_place(std::uint64_t start, std::uint64_t end) {
    const auto next = places_.lower_bound(start);
    if (next != places_.end() && next->first < end) {
      return false;
    }
    if (next != places_.begin() && std::prev(next)->second > start) {
      return false;
    }
    places_.emplace(start, end);
    return true;
  }

  Context& context_;
  CheckedRegions& regions_;
  Findings& findings_;
  std::map<std::uint64_t, std::uint64_t> places_;  // of file tables so far: start and end
};

}  // namespace

std::optional<CheckedFilesystem> check_filesystem(format::RegionOffset offset, const Spot& spot,
                                                  Context& context) {
  return FilesystemObject(context).check(offset, spot);
}

}  // namespace cim::image_check
