// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/link_counts.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cimlib/error.h"

#include "base/seeded_hash.h"

namespace cim {
namespace {

// Damaged images can hold one table in many directories, so that the names have no end.
constexpr std::size_t kMaxCountedNames = std::size_t{1} << 24;

/// What is known of a file so far; a byte each, as there may be millions.
enum class State : std::uint8_t {
  kUnknown,  ///< no record of it can be read
  kFile,
  kNamedFile,
  kDirectory,
  kEnteredDirectory,
};

State state_of(const format::FileRecord& record) noexcept {
  if (record.base_region != 0) {
    return State::kUnknown;
  }
  return record.is_directory() ? State::kDirectory : State::kFile;
}

struct Directory {
  FileId id;
  format::Stream table;
};

/// All records of an image in short.
struct Records {
  std::vector<State> states;           // by id
  std::vector<Directory> directories;  // by ascending id

  /// Reads the tables whole, which is many times as fast as record after record.
  explicit Records(const ImageReader& reader)
      : states(std::size_t{reader.max_file_id()} + 1, State::kUnknown) {
    for (std::size_t t = 0; t < reader.file_tables().size(); ++t) {
      try {
        take(t, reader.raw_table(t), reader.file_tables()[t].record_size);
      } catch (const Error&) {
        // Of a table that can't be read no file counts.
      }
    }
  }

 private:
  void take(std::size_t table, ByteView records, std::size_t record_size) {
    auto id = static_cast<FileId>(table * format::kFilesPerTable);
    for (; !records.empty(); records = records.subspan(record_size)) {
      const auto record = format::decode_file_record(records.first(record_size));
      states[++id] = state_of(record);
      if (states[id] == State::kDirectory) {
        directories.push_back({id, record.stream});
      }
    }
  }
};

class Count {
 public:
  explicit Count(const ImageReader& reader) : reader_(reader), records_(reader) {}

  /// Whether all names could be counted.
  bool run() {
    std::size_t names = 0;
    meet(reader_.root());
    while (!directories_.empty()) {
      const auto ids = ids_in(directories_.back());
      directories_.pop_back();
      names += ids.size();
      if (names > kMaxCountedNames) {
        return false;
      }
      std::ranges::for_each(ids, [this](FileId id) { meet(id); });
    }
    return true;
  }

  std::vector<LinkCount> result() const {
    std::vector<LinkCount> counts;
    counts.reserve(further_.size());
    for (const auto& [file, further] : further_) {
      counts.push_back({file, 1 + further});
    }
    std::ranges::sort(counts, {}, &LinkCount::file);
    return counts;
  }

 private:
  std::vector<FileId> ids_in(FileId id) const {
    const auto directory = std::ranges::lower_bound(records_.directories, id, {}, &Directory::id);
    const format::Stream& table = directory->table;
    if (table.length == 0 || table.length > format::kMaxLinkTableSize) {
      return {};
    }
    try {
      return format::file_ids_of(reader_.files().read(table.data, table.length, "a directory"));
    } catch (const Error&) {
      return {};
    }
  }

  /// A name that leads to `file`.
  void meet(FileId file) {
    if (file >= records_.states.size()) {
      return;
    }
    State& state = records_.states[file];
    if (state == State::kDirectory) {
      state = State::kEnteredDirectory;
      directories_.push_back(file);
    } else if (state == State::kFile) {
      state = State::kNamedFile;
    } else if (state == State::kNamedFile) {
      ++further_[file];
    }
  }

  const ImageReader& reader_;
  Records records_;
  std::vector<FileId> directories_;  // to be entered
  SeededMap<FileId, std::uint32_t> further_;
};

}  // namespace

std::vector<LinkCount> count_links(const ImageReader& reader) {
  if (reader.max_file_id() > kMaxCountedNames) {
    return {};
  }
  Count count(reader);
  return count.run() ? count.result() : std::vector<LinkCount>();
}

}  // namespace cim
