// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/records.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "image/check/headers.h"
#include "image/check/metadata.h"
#include "image/check/streams.h"

namespace cim::image_check {
namespace {

using format::DiskFileRecord;

constexpr std::uint16_t kKnownFlags = format::kFlagReadOnly | format::kFlagHidden |
                                      format::kFlagSystem | format::kFlagArchive |
                                      format::kFlagSparse;

constexpr std::size_t kParentEnd = offsetof(DiskFileRecord, parent) + sizeof(Le32);

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
      DiskFileRecord disk{};
      const std::size_t known = std::min<std::size_t>(sizeof disk, table.record_size);
      std::memcpy(&disk, &(*bytes)[std::size_t{slot} * table.record_size], known);
      check_record(first + slot, disk, table.record_size);
    }
  }

  void check_record(FileId id, const DiskFileRecord& disk, std::uint16_t size) {
    FileState& state = *files_.find(id);
    state.is_there = true;
    state.parent = disk.parent;
    state.has_parent = size >= kParentEnd;
    ++record_count_;
    const auto field = [&](std::size_t offset) {
      return files_.spot(id, offset, context_.regions);
    };
    if (disk.base_region != 0) {
      merged_.push_back(id);
      return;
    }
    check_reserved(disk.reserved, field(offsetof(DiskFileRecord, reserved)), context_.findings);
    if ((disk.flags & ~kKnownFlags) != 0) {
      context_.findings.add(Kind::kRecordFlags, field(offsetof(DiskFileRecord, flags)),
                            fmt::format("unknown flags {:#x}", std::uint16_t{disk.flags}));
    }
    metadata_.check_descriptor(format::RegionOffset(disk.security_descriptor),
                               field(offsetof(DiskFileRecord, security_descriptor)));
    metadata_.check_attributes(format::RegionOffset(disk.extended_attributes), disk.ea_length,
                               field(offsetof(DiskFileRecord, extended_attributes)));
    metadata_.check_reparse(format::RegionOffset(disk.reparse_data), disk.reparse_tag,
                            field(offsetof(DiskFileRecord, reparse_data)));
    streams_.check_table(format::RegionOffset(disk.streams),
                         field(offsetof(DiskFileRecord, streams)));
    check_stream(id, state, disk.stream, field(offsetof(DiskFileRecord, stream)));
  }

  void check_stream(FileId id, FileState& state, const format::DiskStream& disk, const Spot& spot) {
    const format::Stream stream = format::decode(disk);
    state.is_directory = stream.type == format::StreamType::kLinkTable;
    if (!state.is_directory) {
      streams_.check(disk, spot);
    } else if (streams_.check_directory(disk, spot)) {
      files_.add_directory(id, {stream.data, stream.length});
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
