// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/filesystem.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/upcase.h"
#include "format/disk_header.h"
#include "image/read/region_files.h"
#include "os/file.h"

namespace cim::image_check {
namespace {

using format::DiskFilesystem;
using format::DiskFileTable;

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

// Nothing can be checked in a file that is not a filesystem file or has an unknown version.
class FilesystemFileSink : public SpotSink {
 public:
  FilesystemFileSink(Findings& findings, const std::filesystem::path& image)
      : SpotSink(findings, {&image}), thrower_(image) {}

  void add(Kind kind, std::uint64_t offset, std::string text) override {
    if (kind == Kind::kHeaderMagic || kind == Kind::kHeaderVersion) {
      thrower_.add(kind, offset, std::move(text));
    } else {
      SpotSink::add(kind, offset, std::move(text));
    }
  }

 private:
  format::ThrowingSink thrower_;
};

// Reports region sets that are named twice.
void check_sets(const format::FilesystemHeader& header, format::FindingSink& sink) {
  std::set<Guid> seen;
  std::uint64_t offset = format::kFilesystemHeaderSize;
  for (const RegionSet& set : region_sets_of(header)) {
    offset = set.is_own ? offsetof(format::DiskFilesystemHeader, own) : offset;
    if (!seen.insert(set.guid).second) {
      sink.add(Kind::kRegionSetTwice, offset,
               fmt::format("region set {} is listed twice", set.guid.to_string()));
    }
    offset += format::kRegionSetSize;
  }
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
    auto table = format::decode_upcase_table(*bytes);
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
                  "the upcase table differs from that of Windows volumes");
    return table;
  }

  std::vector<CheckedFileTable> file_tables(const format::Filesystem& filesystem,
                                            const Spot& start) {
    constexpr std::string_view kWhat = "the directory of file tables";
    const Spot spot = start.at(offsetof(DiskFilesystem, file_tables));
    SpotSink filesystem_sink(findings_, start);
    if (!format::check_table_count(filesystem, filesystem_sink)) {
      return {};
    }
    const std::uint64_t size = filesystem.file_table_count * sizeof(DiskFileTable);
    const auto bytes = regions_.read(filesystem.file_tables, size, kWhat, spot);
    if (!bytes) {
      return {};
    }
    regions_.check_metadata_place(filesystem.file_tables, kWhat, spot);
    context_.claim(filesystem.file_tables, size, ObjectKind::kFileTables);
    Spot entry = regions_.spot(filesystem.file_tables);
    SpotSink sink(findings_, entry);
    std::vector<CheckedFileTable> tables;
    for (const format::FileTable& table : format::decode_file_tables(*bytes, sink)) {
      tables.push_back({table});
      if (table.count != 0 &&
          !is_sound(table, fmt::format("file table {}", tables.size() - 1), entry)) {
        tables.back().table.count = 0;
      }
      entry = entry.at(sizeof(DiskFileTable));
    }
    return tables;
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

// Reads no more than any valid file can have; a longer one has bytes after its header.
std::optional<format::FilesystemHeader> check_filesystem_file(const std::filesystem::path& image,
                                                              Findings& findings) {
  const File file = File::open_read(image);
  const std::uint64_t size = file.size();
  Bytes bytes(static_cast<std::size_t>(std::min(size, kMaxFilesystemFile)));
  bytes.resize(file.read_some_at(0, bytes));
  FilesystemFileSink sink(findings, image);
  auto header = format::decode_filesystem_header(bytes, sink);
  if (header) {
    check_sets(*header, sink);
    const std::uint64_t end =
        format::kFilesystemHeaderSize + header->parents.size() * format::kRegionSetSize;
    if (size > end) {
      sink.add(Kind::kTrailingBytes, end, fmt::format("{} bytes follow the header", size - end));
    }
  }
  return header;
}

std::optional<CheckedFilesystem> check_filesystem(format::RegionOffset offset, const Spot& spot,
                                                  Context& context) {
  return FilesystemObject(context).check(offset, spot);
}

}  // namespace cim::image_check
