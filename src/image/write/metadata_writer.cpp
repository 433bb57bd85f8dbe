// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// New files were numbered when they were added, and some have been removed since, so they are
// renumbered without gaps before anything refers to them. Then everything is written from the
// leaves up: an object can only be referred to once its offset is known.
#include "image/write/metadata_writer.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"

#include "base/bytes.h"
#include "base/endian.h"
#include "base/upcase.h"
#include "format/filesystem.h"
#include "format/link_table.h"

namespace cim {
namespace {

constexpr std::size_t kMaxSizedObject = 65535;    // its length is stored in 16 bits
constexpr std::size_t kMaxReparseBuffer = 16384;  // MAXIMUM_REPARSE_DATA_BUFFER_SIZE of Windows
constexpr std::size_t kReparseHeaderSize = 8;

// Stores an object with its length in 16 bits before it.
format::RegionOffset add_sized(ObjectStore& store, ByteView object, std::size_t limit,
                               const ImagePath& path, std::string_view what) {
  if (object.size() > limit) {
    throw Error(ErrorCode::kLimit, path.to_string(),
                fmt::format("{} of {} bytes; the limit is {}", what, object.size(), limit));
  }
  Bytes sized;
  append(sized, Le16(static_cast<std::uint16_t>(object.size())));
  append(sized, object);
  return store.add(RegionType::kMetadata, sized);
}

using EntryId = NameIndex::EntryId;

// An index lists the latest names first, and most were added in order: those of a base are copied
// as they are sorted there, and tars tend to be sorted.
void sort_by_name(const NameIndex& names, std::span<EntryId> entries) {
  const auto is_before = [&names](EntryId a, EntryId b) {
    return compare_ignoring_case(names.name(a), names.name(b)) < 0;
  };
  std::ranges::reverse(entries);
  const auto unsorted = std::ranges::is_sorted_until(entries, is_before);
  std::sort(unsorted, entries.end(), is_before);
  std::inplace_merge(entries.begin(), unsorted, entries.end(), is_before);
}

// Writes what changed against the base. The order matters: ids and parents are final before tables
// that contain them are written, and records last, because they refer to all other tables.
class MetadataWriter {
 public:
  MetadataWriter(Tree& tree, ObjectStore& store) : tree_(tree), store_(store) {}

  WrittenMetadata write() {
    number_files();
    tree_.fix_parents([this](FileId id) { return written_id(id); });
    write_stream_tables();
    write_directories();
    const format::RegionOffset upcase = upcase_table_offset();
    const Bytes file_tables = write_file_tables();
    const format::Filesystem filesystem = {
        .upcase_table = upcase,
        .file_tables = store_.add_table(file_tables),
        .file_table_count =
            static_cast<std::uint32_t>(file_tables.size() / sizeof(format::DiskFileTable)),
        .root = tree_.root(),
    };
    Bytes object;
    append(object, format::encode(filesystem));
    std::ranges::sort(back_references_);
    back_references_.erase(std::unique(back_references_.begin(), back_references_.end()),
                           back_references_.end());
    return {store_.add_table(object), written_files_.size(), std::move(back_references_)};
  }

 private:
  // Numbers new files in order, without gaps for removed ones.
  void number_files() {
    new_ids_.assign(tree_.max_id() - tree_.base_max_id(), 0);
    for (FileId id = tree_.base_max_id() + 1; id <= tree_.max_id() && id != 0; ++id) {
      if (tree_.is_alive(id)) {
        written_files_.push_back(id);
        new_ids_[id - tree_.base_max_id() - 1] =
            tree_.base_max_id() + static_cast<FileId>(written_files_.size());
      }
    }
  }

  FileId written_id(FileId id) const {
    return id <= tree_.base_max_id() ? id : new_ids_[id - tree_.base_max_id() - 1];
  }

  // Writes a table for each file whose streams were touched, even if they are the same in the end.
  void write_stream_tables() {
    for (auto& [id, streams] : tree_.changed_streams()) {
      if (streams.empty()) {
        tree_.mutable_record(id).streams = {};
        continue;
      }
      format::LinkTableBuilder table;
      for (const auto& [name, stream] : streams) {
        table.add(name, stream);
      }
      tree_.mutable_record(id).streams = store_.add_table(table.finish());
    }
  }

  void write_directories() {
    give_parents();
    for (const FileId directory : tree_.changed_directories()) {
      std::vector<EntryId> own;
      const NameIndex& names = tree_.names();
      for (auto at = names.first_of(directory); at; at = names.next_of(*at)) {
        if (names.file(*at) != 0) {
          own.push_back(*at);
          note_back_reference(names.file(*at), directory);
        }
      }
      write_directory(directory, own);
    }
  }

  // Makes the directory of a new file's first remaining name its parent, and that of the only name
  // of a directory that was moved.
  void give_parents() {
    const NameIndex& names = tree_.names();
    std::vector<bool> has_parent(new_ids_.size(), false);
    for (EntryId entry = 0; entry < names.end(); ++entry) {
      const FileId file = names.file(entry);
      if (file > tree_.base_max_id() && !has_parent[file - tree_.base_max_id() - 1]) {
        has_parent[file - tree_.base_max_id() - 1] = true;
        tree_.mutable_record(file).parent = written_id(names.directory(entry));
      } else if (tree_.is_moved(file)) {
        tree_.mutable_record(file).parent = written_id(names.directory(entry));
      }
    }
  }

  // For files of the base only new names are noted: the base lists the others itself.
  void note_back_reference(FileId file, FileId directory) {
    const FileId parent = written_id(directory);
    if ((file > tree_.base_max_id() || tree_.is_linked(file)) &&
        tree_.record(file).parent != parent) {
      back_references_.push_back({written_id(file), parent});
    }
  }

  void write_directory(FileId id, std::span<EntryId> entries) {
    format::Stream& stream = tree_.mutable_record(id).stream;
    stream.data = {};
    stream.length = 0;
    if (entries.empty()) {
      return;
    }
    const NameIndex& names = tree_.names();
    sort_by_name(names, entries);
    format::LinkTableBuilder builder;
    for (const EntryId entry : entries) {
      builder.add(names.name(entry), written_id(names.file(entry)));
    }
    const Bytes table = builder.finish();
    stream.data = store_.add_table(table);
    stream.length = table.size();
  }

  // Leaves the base's tables where they are unless a record in them changed or new ones follow.
  Bytes write_file_tables() {
    Bytes directory;
    const std::size_t base_tables = tree_.base() ? tree_.base()->file_tables().size() : 0;
    const std::size_t last_id = tree_.base_max_id() + written_files_.size();
    const std::size_t tables =
        std::max(base_tables, (last_id + format::kFilesPerTable - 1) / format::kFilesPerTable);
    for (std::size_t t = 0; t < tables; ++t) {
      append(directory,
             format::encode(is_unchanged(t, base_tables) ? tree_.base()->file_tables()[t]
                                                         : write_file_table(t, t < base_tables)));
    }
    return directory;
  }

  static FileId first_id(std::size_t table) {
    return static_cast<FileId>(table * format::kFilesPerTable + 1);
  }

  bool is_unchanged(std::size_t table, std::size_t base_tables) const {
    if (table >= base_tables) {
      return false;
    }
    const bool is_last = table + 1 == base_tables;
    const bool gets_new =
        is_last && !written_files_.empty() && tree_.base_max_id() % format::kFilesPerTable != 0;
    const auto& changed = tree_.changed_records();
    const auto first = changed.lower_bound(first_id(table));
    const bool is_changed = first != changed.end() && first->first < first_id(table + 1);
    return !gets_new && !is_changed;
  }

  // Starts from the records of the base, if the table has any, and adds new files while there is
  // room.
  format::FileTable write_file_table(std::size_t table, bool has_base) {
    std::size_t record_size = format::kFileRecordSize;
    Bytes records;
    std::size_t count = 0;
    if (has_base) {
      const format::FileTable& old = tree_.base()->file_tables()[table];
      record_size = std::max<std::size_t>(record_size, old.record_size);
      records = widened(tree_.base()->raw_table(table), old, record_size);
      count = old.count;
      const auto& changed = tree_.changed_records();
      for (auto at = changed.lower_bound(first_id(table));
           at != changed.end() && at->first < first_id(table + 1); ++at) {
        put(records, (at->first - first_id(table)) * record_size, at->second);
      }
    }
    while (count < format::kFilesPerTable && next_file_ < written_files_.size() &&
           first_id(table) + count == written_id(written_files_[next_file_])) {
      records.resize((count + 1) * record_size);
      put(records, count * record_size, tree_.record(written_files_[next_file_++]));
      ++count;
    }
    return {store_.add_table(records), static_cast<std::uint16_t>(count),
            static_cast<std::uint16_t>(record_size)};
  }

  // Records of another version keep the bytes after the part that we know.
  static Bytes widened(const Bytes& records, const format::FileTable& table,
                       std::size_t record_size) {
    if (record_size == table.record_size) {
      return records;
    }
    Bytes wide(table.count * record_size);
    for (std::size_t i = 0; i < table.count && !records.empty(); ++i) {
      std::copy_n(records.begin() + static_cast<std::ptrdiff_t>(i * table.record_size),
                  table.record_size, wide.begin() + static_cast<std::ptrdiff_t>(i * record_size));
    }
    return wide;
  }

  static void put(Bytes& records, std::size_t at, const format::FileRecord& record) {
    std::ranges::copy(format::encode(record), records.begin() + static_cast<std::ptrdiff_t>(at));
  }

  // A fork refers to the table of its base.
  format::RegionOffset upcase_table_offset() {
    if (tree_.base()) {
      return tree_.base()->upcase_offset();
    }
    Bytes table;
    table.reserve(format::kUpcaseTableSize);
    for (const char16_t unit : upcase_table()) {
      append(table, Le16(static_cast<std::uint16_t>(unit)));
    }
    return store_.add_table(table);
  }

  Tree& tree_;
  ObjectStore& store_;
  std::vector<FileId> written_files_;  // new files that still exist, by their ids in the tree
  std::vector<FileId> new_ids_;        // by index among the new files: the id that is written
  std::size_t next_file_ = 0;
  std::vector<format::BackReference> back_references_;
};

}  // namespace

format::FileRecord write_record(ObjectStore& store, const ImagePath& path,
                                const FileMetadata& metadata) {
  format::FileRecord record;
  record.flags = format::flags_of_attributes(metadata.attributes);
  record.times = metadata.times;
  if ((metadata.attributes & attribute::kDirectory) != 0) {
    record.stream.type = format::StreamType::kLinkTable;
  }
  record.security_descriptor =
      add_sized(store,
                metadata.security_descriptor.empty() ? ByteView(kDefaultSecurityDescriptor)
                                                     : metadata.security_descriptor,
                kMaxSizedObject, path, "a security descriptor");
  if (const ByteView eas = metadata.extended_attributes; !eas.empty()) {
    if (eas.size() > kMaxSizedObject) {
      throw Error(ErrorCode::kLimit, path.to_string(),
                  fmt::format("{} bytes of extended attributes; the limit is {}", eas.size(),
                              kMaxSizedObject));
    }
    record.ea_length = static_cast<std::uint16_t>(eas.size());
    record.extended_attributes = store.add(RegionType::kMetadata, eas);
  }
  if (const ByteView reparse = metadata.reparse_data; !reparse.empty()) {
    if (reparse.size() < kReparseHeaderSize) {
      throw Error(ErrorCode::kInvalidArgument, path.to_string(),
                  fmt::format("a reparse buffer of {} bytes has no header", reparse.size()));
    }
    Le32 tag;
    std::memcpy(&tag, reparse.data(), sizeof tag);
    record.reparse_tag = tag;
    record.reparse_data = add_sized(store, reparse, kMaxReparseBuffer, path, "reparse data");
  }
  return record;
}

WrittenMetadata write_metadata(Tree& tree, ObjectStore& store) {
  return MetadataWriter(tree, store).write();
}

}  // namespace cim
