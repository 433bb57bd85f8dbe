// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Nothing that an image states is trusted: every offset is checked against the size of its region,
// and every count against the size of all metadata before memory is allocated for it. Records are
// read one at a time, because most callers need few.
#include "image/read/image_reader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "base/endian.h"
#include "base/upcase.h"
#include "format/pe_image.h"

namespace cim {
namespace {

// Enough for the directories that a busy mount reads repeatedly.
constexpr std::size_t kDirectoryCacheBytes = std::size_t{32} << 20;
// Enough for the streams of the files that are being read at any time.
constexpr std::size_t kStreamCacheBytes = std::size_t{4} << 20;

// Bytes of a table that are read before its length is known. A directory's length is known
// beforehand, so all but large ones are read in one step; for a table of streams this is a guess.
constexpr std::size_t kFirstOfDirectory = 4096;
constexpr std::size_t kFirstOfStreams = 256;

// How many unused ids are allowed, apart from those in tables with at least one file per 64 ids:
// crafted tables could claim billions of ids, and passes over all files need memory for each id.
constexpr std::uint64_t kUnusedIds = std::uint64_t{1} << 20;
constexpr std::uint64_t kIdsPerFile = 64;

template <DiskStruct T>
T read_struct(const RegionFiles& files, format::RegionOffset offset, std::string_view what) {
  T value;
  files.read(offset, std::as_writable_bytes(std::span(&value, 1)), what);
  return value;
}

}  // namespace

ImageReader::ImageReader(const std::filesystem::path& path, const OpenOptions& options)
    : path_(path),
      region_directories_(options.region_directories),
      listings_(options.listings == nullptr ? new_directory_listings() : options.listings),
      header_(read_filesystem_header(path)),
      region_sets_(region_sets_of(header_)),
      files_(locator(), region_sets_, options.pattern),
      filesystem_(format::decode(read_struct<format::DiskFilesystem>(files_, header_.filesystem,
                                                                     "the filesystem object"))),
      upcase_(read_upcase_table()),
      directories_(kDirectoryCacheBytes),
      stream_tables_(kStreamCacheBytes) {
  open();
}

ImageReader::ImageReader(const ImageFiles& files, const std::filesystem::path& name)
    : path_(name),
      header_(format::decode_filesystem_header(files.filesystem(), name)),
      region_sets_(region_sets_of(header_)),
      files_(files, region_sets_),
      filesystem_(format::decode(read_struct<format::DiskFilesystem>(files_, header_.filesystem,
                                                                     "the filesystem object"))),
      upcase_(read_upcase_table()),
      directories_(kDirectoryCacheBytes),
      stream_tables_(kStreamCacheBytes) {
  open();
}

void ImageReader::open() {
  read_file_tables();
  if (!record(filesystem_.root).is_directory()) {
    throw Error(ErrorCode::kCorrupt, path_.string(),
                fmt::format("the root, file {}, is not a directory", filesystem_.root));
  }
}

// A fork refers to the table of its oldest ancestor, whose regions may be missing while all others
// are there.
std::unique_ptr<const format::UpcaseTable> ImageReader::read_upcase_table() const {
  const format::RegionOffset offset = filesystem_.upcase_table;
  if (offset.region() < files_.regions().size() && !files_.regions()[offset.region()].is_usable) {
    return std::make_unique<const format::UpcaseTable>(upcase_table());
  }
  return format::decode_upcase_table(
      files_.read(offset, format::kUpcaseTableSize, "the upcase table"));
}

void ImageReader::fail_at(format::RegionOffset offset, std::string reason) const {
  throw Error(ErrorCode::kCorrupt, files_.source(offset), std::move(reason), offset.byte_offset());
}

format::ThrowingSink ImageReader::sink_at(format::RegionOffset offset) const {
  return format::ThrowingSink(files_.regions().at(offset.region()).path, offset.byte_offset());
}

void ImageReader::read_file_tables() {
  auto filesystem_sink = sink_at(header_.filesystem);
  format::check_table_count(filesystem_, filesystem_sink);
  const std::uint32_t count = filesystem_.file_table_count;
  constexpr std::uint64_t kEntrySize = sizeof(format::DiskFileTable);
  if (!files_.metadata_holds(count * kEntrySize)) {
    fail_at(filesystem_.file_tables,
            fmt::format("{} file tables are larger than all metadata", count));
  }
  const Bytes bytes =
      files_.read(filesystem_.file_tables, count * kEntrySize, "the directory of file tables");
  auto sink = sink_at(filesystem_.file_tables);
  file_tables_ = format::decode_file_tables(bytes, sink);
  max_file_id_ = (count - 1) * format::kFilesPerTable + file_tables_.back().count;
  check_file_tables();
}

// Rejects tables that could not have been written: passes over all files need memory for each id.
void ImageReader::check_file_tables() const {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  for (const format::FileTable& table : file_tables_) {
    // Tables that cannot be read need no memory, and must not make up for forged ones.
    if (const std::uint64_t size = std::uint64_t{table.count} * table.record_size;
        files_.holds(table.records, size)) {
      files += table.count;
      bytes += size;
    }
  }
  if (!files_.metadata_holds(bytes)) {
    fail_at(filesystem_.file_tables,
            fmt::format("the file tables need {} bytes, which is more than all metadata", bytes));
  }
  if (max_file_id_ > kUnusedIds + kIdsPerFile * files) {
    throw Error(ErrorCode::kLimit, path_.string(),
                fmt::format("{} file ids for {} files; at most {} may be unused, and {} of {}",
                            max_file_id_, files, kUnusedIds, kIdsPerFile - 1, kIdsPerFile));
  }
}

format::FileRecord ImageReader::record(FileId id) const {
  const std::size_t table_index = (id - 1) / format::kFilesPerTable;
  const std::uint32_t slot = (id - 1) % format::kFilesPerTable;
  if (id == 0 || table_index >= file_tables_.size() || slot >= file_tables_[table_index].count) {
    throw Error(ErrorCode::kCorrupt, path_.string(), fmt::format("file {} does not exist", id));
  }
  const format::FileTable& table = file_tables_[table_index];
  const std::uint64_t into_table = std::uint64_t{slot} * table.record_size;
  if (table.records.byte_offset() == 0 ||
      table.records.byte_offset() > format::RegionOffset::kMaxByteOffset - into_table) {
    fail_at(table.records, fmt::format("file table {} has no offset", table_index));
  }
  std::array<std::byte, format::kFileRecordSize> bytes{};
  const auto known = std::span(bytes).first(std::min<std::size_t>(bytes.size(), table.record_size));
  files_.read(format::RegionOffset(table.records.raw() + into_table), known, "a file record");
  static constexpr std::array<std::byte, format::kFileRecordSize> kZeros{};
  if (std::memcmp(known.data(), kZeros.data(), known.size()) == 0) {
    // As a record, it would be that of an empty file. Writers leave no gaps among ids.
    fail_at(format::RegionOffset(table.records.raw() + into_table),
            fmt::format("the record of file {} consists of zeros", id));
  }
  const auto record = format::decode_file_record(known);
  if (record.base_region != 0) {
    throw Error(ErrorCode::kUnsupported, path_.string(), "merged images are not supported");
  }
  return record;
}

void ImageReader::refuse_blank_record(FileId id) const {
  const format::FileRecord file = record(id);
  const FileTimes& times = file.times;
  const bool has_times = times.creation.ticks != 0 || times.last_write.ticks != 0 ||
                         times.change.ticks != 0 || times.last_access.ticks != 0;
  // An empty directory has no data, but its type shows that its record was not lost.
  const bool has_data =
      file.is_directory() || file.stream.length != 0 || !file.stream.data.is_absent();
  const bool has_kind = file.flags != 0 || file.reparse_tag != 0 || file.ea_length != 0;
  if (file.security_descriptor.is_absent() || (!has_times && !has_data && !has_kind)) {
    throw Error(ErrorCode::kCorrupt, path_.string(),
                fmt::format("a part of the record of file {} is missing", id));
  }
}

Bytes ImageReader::raw_table(std::size_t index) const {
  const format::FileTable& table = file_tables_[index];
  if (table.count == 0 || table.record_size == 0) {
    return {};
  }
  return files_.read(table.records, std::uint64_t{table.count} * table.record_size, "a file table");
}

void ImageReader::for_each_record(
    const std::function<void(FileId, const format::FileRecord&)>& visit) const {
  for (std::size_t t = 0; t < file_tables_.size(); ++t) {
    const Bytes records = raw_table(t);
    const std::size_t record_size = file_tables_[t].record_size;
    for (std::size_t slot = 0; slot * record_size < records.size(); ++slot) {
      visit(static_cast<FileId>(t * format::kFilesPerTable + slot + 1),
            format::decode_file_record(ByteView(records).subspan(slot * record_size, record_size)));
    }
  }
}

std::shared_ptr<const format::LinkTable> ImageReader::directory(
    FileId id, const format::FileRecord& record) const {
  if (auto cached = directories_.find(id)) {
    return cached;
  }
  using format::LinkTable;
  std::shared_ptr<const LinkTable> table;
  if (record.stream.length == 0) {
    table = std::make_shared<const LinkTable>(LinkTable::Values::kFileIds);
  } else {
    files_.check(record.stream.data, record.stream.length, "a directory");
    table = read_link_table(record.stream.data, record.stream.length, kFirstOfDirectory,
                            LinkTable::Values::kFileIds);
  }
  directories_.insert(id, table);
  return table;
}

Bytes ImageReader::link_table_bytes(format::RegionOffset offset, std::uint64_t room,
                                    std::size_t first) const {
  Bytes bytes = files_.read(offset, std::min<std::uint64_t>(room, first), "a link table");
  const std::uint64_t length = format::LinkTable::stated_length(bytes);
  if (length > room) {
    fail_at(offset, fmt::format("a link table of {} bytes; it must have {} to {}", length,
                                format::kLinkTableHeaderSize, room));
  }
  if (length > format::kMaxLinkTableSize) {
    fail_at(offset, fmt::format("a link table of {} bytes; the limit is {}", length,
                                format::kMaxLinkTableSize));
  }
  if (!files_.metadata_holds(length)) {
    fail_at(offset,
            fmt::format("a link table of {} bytes, which is more than all metadata", length));
  }
  const std::size_t got = bytes.size();
  bytes.resize(static_cast<std::size_t>(length));
  if (got < length) {
    files_.read(format::RegionOffset(offset.raw() + got), std::span(bytes).subspan(got),
                "a link table");
  } else {
    bytes.shrink_to_fit();
  }
  return bytes;
}

std::shared_ptr<const format::LinkTable> ImageReader::read_link_table(
    format::RegionOffset offset, std::uint64_t room, std::size_t first,
    format::LinkTable::Values values) const {
  auto sink = sink_at(offset);
  return std::make_shared<const format::LinkTable>(link_table_bytes(offset, room, first), values,
                                                   sink);
}

// Returns null if there is no valid table at the offset. A record does not store its length, so it
// may extend to the end of the region.
std::shared_ptr<const format::LinkTable> ImageReader::try_stream_table(
    format::RegionOffset offset) const {
  files_.check(offset, format::kLinkTableHeaderSize, "a table of streams");
  const std::uint64_t room = files_.regions()[offset.region()].size - offset.byte_offset();
  try {
    return read_link_table(offset, room, kFirstOfStreams, format::LinkTable::Values::kStreams);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCorrupt) {
      throw;
    }
    return nullptr;
  }
}

// The published descriptions differ: either the table itself is stored there, or a count and then
// the table.
std::shared_ptr<const format::LinkTable> ImageReader::read_stream_table(
    format::RegionOffset offset) const {
  if (auto table = try_stream_table(offset)) {
    return table;
  }
  if (auto table = try_stream_table(format::RegionOffset(offset.raw() + sizeof(Le32)))) {
    return table;
  }
  fail_at(offset, "not a table of alternate streams");
}

std::shared_ptr<const format::LinkTable> ImageReader::stream_table(
    const format::FileRecord& record) const {
  if (record.streams.is_absent()) {
    return std::make_shared<const format::LinkTable>(format::LinkTable::Values::kStreams);
  }
  if (auto cached = stream_tables_.find(record.streams.raw())) {
    return cached;
  }
  auto table = read_stream_table(record.streams);
  stream_tables_.insert(record.streams.raw(), table);
  return table;
}

std::optional<FileId> ImageReader::find_child(FileId directory, std::u16string_view name,
                                              NameMatch match) const {
  const auto file = record(directory);
  if (!file.is_directory()) {
    return std::nullopt;
  }
  const auto table = this->directory(directory, file);
  const auto index = table->find(name, upcase());
  if (!index || (match == NameMatch::kExact && table->name(*index) != name)) {
    return std::nullopt;
  }
  return table->file_id(*index);
}

std::optional<FileId> ImageReader::find(const ImagePath& path) const {
  std::optional<FileId> id = root();
  for (const std::u16string& name : path.names()) {
    id = find_child(*id, name);
    if (!id) {
      break;
    }
  }
  return id;
}

FileInfo ImageReader::info(FileId id, const format::FileRecord& record) const {
  FileInfo info;
  info.id = id;
  info.parent = record.parent;
  info.attributes = format::attributes_of_flags(record.flags);
  info.times = record.times;
  info.reparse_tag = record.reparse_tag;
  info.ea_size = record.extended_attributes.is_absent() ? 0 : record.ea_length;
  info.has_streams = !record.streams.is_absent();
  if (!record.reparse_data.is_absent()) {
    info.attributes |= attribute::kReparsePoint;
  }
  if (record.is_directory()) {
    info.attributes |= attribute::kDirectory;
  } else {
    info.size = record.stream.length;
    info.storage = storage_of(record.stream);
  }
  return info;
}

Storage ImageReader::storage_of(const format::Stream& stream) const {
  if (stream.sparse) {
    return Storage::kSparse;
  }
  switch (stream.type) {
    case format::StreamType::kData:
      return Storage::kData;
    case format::StreamType::kPeImage:
      return Storage::kPeImage;
    case format::StreamType::kLinkTable:
      break;
  }
  throw Error(ErrorCode::kCorrupt, path_.string(),
              fmt::format("a stream of type {}, expected data", static_cast<int>(stream.type)));
}

// Reads an object that starts with its length in 16 bits, and returns the bytes after that.
Bytes ImageReader::sized_object(format::RegionOffset offset, std::string_view what) const {
  const auto size = read_struct<Le16>(files_, offset, what);
  Bytes bytes = files_.read(offset, sizeof size + std::uint64_t{size}, what);
  bytes.erase(bytes.begin(), bytes.begin() + sizeof size);
  return bytes;
}

Bytes ImageReader::security_descriptor(const format::FileRecord& record) const {
  return sized_object(record.security_descriptor, "a security descriptor");
}

Bytes ImageReader::extended_attributes(const format::FileRecord& record) const {
  if (record.extended_attributes.is_absent()) {
    return {};
  }
  return files_.read(record.extended_attributes, record.ea_length, "extended attributes");
}

Bytes ImageReader::reparse_data(const format::FileRecord& record) const {
  if (record.reparse_data.is_absent()) {
    return {};
  }
  return sized_object(record.reparse_data, "reparse data");
}

// An expanded executable is read like a sparse file: its pieces are in the order of the file, with
// padding between them in the region.
std::vector<Extent> ImageReader::pe_extents(const format::Stream& stream) const {
  const auto head = read_struct<format::DiskPeImage>(files_, stream.data, "a PE image descriptor");
  const Bytes bytes = files_.read(stream.data, format::pe_image_size(head), "PE mappings");
  auto sink = sink_at(stream.data);
  const auto image = format::decode_pe_image(bytes, stream.length, sink).value();
  const format::RegionOffset data = image.data;
  std::vector<Extent> extents;
  for (const format::PePiece& piece : format::pieces_of(image, stream.length)) {
    const std::uint64_t place = data.byte_offset() + piece.place;
    if (!fits_within(place, piece.size, format::RegionOffset::kMaxByteOffset)) {
      fail_at(stream.data, "a PE mapping leads out of the region");
    }
    files_.check(format::RegionOffset(data.region(), place), piece.size, "a part of a PE image");
    extents.push_back({piece.from, piece.size, data.region(), place});
  }
  return extents;
}

Stream ImageReader::open(const format::Stream& stream) const {
  const Storage storage = storage_of(stream);
  std::vector<Extent> extents;
  if (stream.length == 0) {
    // Nothing to look up: other writers leave the offset of an empty stream absent.
  } else if (storage == Storage::kSparse) {
    extents.push_back({0, stream.length, 0, 0});
  } else if (storage == Storage::kPeImage) {
    extents = pe_extents(stream);
  } else {
    files_.check(stream.data, stream.length, "a file's data");
    extents.push_back({0, stream.length, stream.data.region(), stream.data.byte_offset()});
  }
  return {shared_from_this(), stream.length, storage, std::move(extents)};
}

}  // namespace cim
