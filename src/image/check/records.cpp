// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/records.h"

#include <fmt/format.h>

#include "cimlib/error.h"

#include "image/check/metadata.h"
#include "image/check/streams.h"

namespace cim::image_check {
namespace {

using format::DiskFileRecord;

constexpr std::size_t kParentEnd = offsetof(DiskFileRecord, parent) + sizeof(Le32);

// Reads all records, table by table, and passes what each refers to to the checker of that kind.
class Records {
 public:
  Records(const CheckedFilesystem& filesystem, Context& context)
      : filesystem_(filesystem),
        context_(context),
        streams_(context, *filesystem.upcase),
        metadata_(context),
        files_(filesystem) {}

  FileMap check() {
    FileId first = 1;
    for (const CheckedFileTable& table : filesystem_.tables) {
      context_.stop_if_asked();
      check_table(table, first);
      first += format::kFilesPerTable;
    }
    refuse_merged();
    return std::move(files_);
  }

 private:
  void check_table(const CheckedFileTable& checked, FileId first) {
    const format::FileTable& table = checked.table;
    if (table.count == 0) {
      return;
    }
    const auto bytes =
        context_.regions.read(table.records, std::uint64_t{table.count} * table.record_size,
                              "a file table", context_.regions.spot(table.records));
    if (!bytes) {
      return;
    }
    for (std::uint32_t slot = 0; slot < table.count; ++slot) {
      check_record(first + slot, ByteView(*bytes).subspan(std::size_t{slot} * table.record_size,
                                                          table.record_size));
    }
  }

  // The rest of a record with a base region has another meaning and is not checked.
  void check_record(FileId id, ByteView bytes) {
    const DiskFileRecord disk = format::load_file_record(bytes);
    const format::FileRecord record = format::decode(disk);
    FileState& state = *files_.find(id);
    state.is_there = true;
    state.parent = record.parent;
    state.has_parent = bytes.size() >= kParentEnd;
    ++record_count_;
    const Spot spot = files_.spot(id, 0, context_.regions);
    if (record.base_region != 0) {
      merged_.push_back(id);
      return;
    }
    state.is_directory = record.is_directory();
    SpotSink sink(context_.findings, spot);
    format::check_unused(disk, sink);
    metadata_.check_descriptor(record.security_descriptor,
                               spot.at(offsetof(DiskFileRecord, security_descriptor)));
    metadata_.check_attributes(record.extended_attributes, record.ea_length,
                               spot.at(offsetof(DiskFileRecord, extended_attributes)));
    metadata_.check_reparse(record.reparse_data, record.reparse_tag,
                            spot.at(offsetof(DiskFileRecord, reparse_data)));
    streams_.check_table(record.streams, spot.at(offsetof(DiskFileRecord, streams)));
    const Spot stream = spot.at(offsetof(DiskFileRecord, stream));
    if (!state.is_directory) {
      streams_.check(disk.stream, stream);
    } else if (streams_.check_directory(disk.stream, stream)) {
      files_.add_directory(id, {record.stream.data, record.stream.length});
    }
  }

  // If only a few records claim it, they are damaged; if most do, the image is a merged one.
  void refuse_merged() {
    if (2 * merged_.size() > record_count_) {
      throw Error(ErrorCode::kUnsupported, context_.image.string(),
                  "merged images are not supported");
    }
    for (const FileId id : merged_) {
      context_.findings.add(
          Kind::kRecordMerged,
          files_.spot(id, offsetof(DiskFileRecord, base_region), context_.regions),
          "the record has a base region, which only merged images use");
    }
  }

  const CheckedFilesystem& filesystem_;
  Context& context_;
  StreamChecker streams_;
  MetadataChecker metadata_;
  FileMap files_;
  std::uint64_t record_count_ = 0;
  std::vector<FileId> merged_;
};

}  // namespace

FileMap::FileMap(const CheckedFilesystem& filesystem) : filesystem_(filesystem) {
  tables_.reserve(filesystem.tables.size());
  for (const CheckedFileTable& table : filesystem.tables) {
    tables_.emplace_back(table.table.count);
  }
}

FileState* FileMap::find(FileId id) {
  const std::uint32_t place = id - 1;  // wraps for 0, which is not in any table
  const std::size_t table = place / format::kFilesPerTable;
  const std::size_t slot = place % format::kFilesPerTable;
  return table < tables_.size() && slot < tables_[table].size() ? &tables_[table][slot] : nullptr;
}

DirectoryState* FileMap::find_directory(FileId id) {
  const auto found = directories_.find(id);
  return found != directories_.end() ? &found->second : nullptr;
}

Spot FileMap::spot(FileId id, std::size_t field, const CheckedRegions& regions) const {
  const std::uint32_t place = id - 1;
  const CheckedFileTable& table = filesystem_.tables[place / format::kFilesPerTable];
  return regions.spot(table.record(place % format::kFilesPerTable), id).at(field);
}

void FileMap::for_each(const std::function<void(FileId, FileState&)>& visit) {
  FileId first = 1;
  for (std::vector<FileState>& table : tables_) {
    FileId id = first;
    for (FileState& state : table) {
      if (state.is_there) {
        visit(id, state);
      }
      ++id;
    }
    first += format::kFilesPerTable;
  }
}

FileMap check_records(const CheckedFilesystem& filesystem, Context& context) {
  return Records(filesystem, context).check();
}

}  // namespace cim::image_check
