// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/metadata_writer.h"

#include <algorithm>
#include <span>
#include <vector>

#include "base/endian.h"
#include "base/upcase.h"
#include "format/filesystem.h"
#include "format/link_table.h"

namespace cim {
namespace {

using EntryId = NameIndex::EntryId;

class MetadataWriter {
 public:
  MetadataWriter(Tree& tree, ObjectStore& store) : tree_(tree), store_(store) {}

  format::RegionOffset write() {
    number_files();
    write_stream_tables();
    write_directories();
    const auto file_tables = write_file_tables();
    const format::Filesystem filesystem = {
        .upcase_table = write_upcase_table(),
        .file_tables = store_.add_table(file_tables),
        .file_table_count =
            static_cast<std::uint32_t>(file_tables.size() / sizeof(format::DiskFileTable)),
        .root = Tree::kRoot,
    };
    Bytes object;
    append(object, format::encode(filesystem));
    return store_.add_table(object);
  }

 private:
  // Ids as they are written: those of the tree, closed up where a file is gone.
  void number_files() {
    written_ids_.assign(tree_.max_id(), 0);
    for (FileId id = 1; id <= tree_.max_id(); ++id) {
      if (tree_.is_alive(id)) {
        written_ids_[id - 1] = ++file_count_;
      }
    }
  }

  FileId written_id(FileId id) const { return written_ids_[id - 1]; }

  void write_stream_tables() {
    for (auto& [id, streams] : tree_.all_streams()) {
      if (streams.empty()) {
        continue;
      }
      std::ranges::sort(streams, [](const NamedStream& a, const NamedStream& b) {
        return compare_ignoring_case(a.name, b.name) < 0;
      });
      format::LinkTableBuilder table;
      for (const NamedStream& stream : streams) {
        table.add(stream.name, stream.stream);
      }
      tree_.record(id).streams = store_.add_table(table.finish());
    }
  }

  // All entries of one directory after those of another, without a list for each.
  std::vector<EntryId> entries_by_directory() {
    const NameIndex& names = tree_.names();
    directory_ends_.assign(std::size_t{tree_.max_id()} + 1, 0);
    for (EntryId entry = 0; entry < names.end(); ++entry) {
      if (names.file(entry) != 0) {
        ++directory_ends_[names.directory(entry)];
      }
    }
    EntryId sum = 0;
    for (EntryId& end : directory_ends_) {
      sum += end;
      end = sum - end;  // its start, for now
    }
    std::vector<EntryId> entries(sum);
    for (EntryId entry = 0; entry < names.end(); ++entry) {
      if (names.file(entry) != 0) {
        entries[directory_ends_[names.directory(entry)]++] = entry;
      }
    }
    return entries;
  }

  void write_directories() {
    // A file's parent is the directory of its first name; names that are gone may have been that.
    std::vector<bool> has_parent(tree_.max_id(), false);
    const NameIndex& names = tree_.names();
    for (EntryId entry = 0; entry < names.end(); ++entry) {
      const FileId id = names.file(entry);
      if (id != 0 && !has_parent[id - 1]) {
        has_parent[id - 1] = true;
        tree_.record(id).parent = written_id(names.directory(entry));
      }
    }
    std::vector<EntryId> entries = entries_by_directory();
    for (FileId id = 1; id <= tree_.max_id(); ++id) {
      if (tree_.is_alive(id) && tree_.record(id).is_directory()) {
        write_directory(id,
                        std::span(entries).subspan(directory_ends_[id - 1],
                                                   directory_ends_[id] - directory_ends_[id - 1]));
      }
    }
  }

  void write_directory(FileId id, std::span<EntryId> entries) {
    if (entries.empty()) {
      return;
    }
    const NameIndex& names = tree_.names();
    std::ranges::sort(entries, [&names](EntryId a, EntryId b) {
      return compare_ignoring_case(names.name(a), names.name(b)) < 0;
    });
    format::LinkTableBuilder builder;
    for (const EntryId entry : entries) {
      builder.add(names.name(entry), written_id(names.file(entry)));
    }
    const Bytes table = builder.finish();
    format::Stream& stream = tree_.record(id).stream;
    stream.data = store_.add_table(table);
    stream.length = table.size();
  }

  Bytes write_file_tables() {
    Bytes directory;
    Bytes records;
    std::uint16_t count = 0;
    const auto end_table = [&] {
      append(directory, format::encode(format::FileTable{
                            store_.add_table(records), count,
                            static_cast<std::uint16_t>(format::kFileRecordSize)}));
      records.clear();
      count = 0;
    };
    for (FileId id = 1; id <= tree_.max_id(); ++id) {
      if (!tree_.is_alive(id)) {
        continue;
      }
      append(records, ByteView(format::encode(tree_.record(id))));
      if (++count == format::kFilesPerTable) {
        end_table();
      }
    }
    if (count > 0) {
      end_table();
    }
    return directory;
  }

  format::RegionOffset write_upcase_table() {
    Bytes table;
    table.reserve(format::kUpcaseTableSize);
    for (const char16_t unit : upcase_table()) {
      append(table, Le16(static_cast<std::uint16_t>(unit)));
    }
    return store_.add_table(table);
  }

  Tree& tree_;
  ObjectStore& store_;
  FileId file_count_ = 0;
  std::vector<FileId> written_ids_;
  std::vector<EntryId> directory_ends_;  // by id: where the entries of directory id end
};

}  // namespace

format::RegionOffset write_metadata(Tree& tree, ObjectStore& store) {
  return MetadataWriter(tree, store).write();
}

}  // namespace cim
