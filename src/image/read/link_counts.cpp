// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cimlib/error.h"

#include "image/read/directory_visits.h"
#include "image/read/image_reader.h"
#include "os/seeded_hash.h"

namespace cim {
namespace {

// In damaged images many directories can share one table, so that the number of names is unbounded.
constexpr std::size_t kMaxCountedNames = std::size_t{1} << 24;

/// The state of a file; one byte each, as there may be millions.
enum class State : std::uint8_t {
  kUnknown,  ///< its record cannot be read
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

void stop_if_asked(const ImageReader& reader, const std::stop_token& stop) {
  if (stop.stop_requested()) {
    throw Error(ErrorCode::kCancelled, reader.path().string(), "counting its links was cancelled");
  }
}

/// A directory whose names are still to be counted, and where they are.
struct Directory {
  FileId id;
  format::Stream table;
};

/// The parts of all records that counting needs.
struct Records {
  std::vector<State> states;           // by id
  std::vector<Directory> directories;  // by ascending id
  std::uint64_t file_bytes = 0;

  /// Reads whole tables, which is many times faster than reading record by record.
  Records(const ImageReader& reader, Unreadable unreadable, const std::stop_token& stop)
      : states(std::size_t{reader.max_file_id()} + 1, State::kUnknown) {
    for (std::size_t t = 0; t < reader.file_tables().size(); ++t) {
      stop_if_asked(reader, stop);
      try {
        take(t, reader.raw_table(t), reader.file_tables()[t].record_size);
      } catch (const Error&) {
        if (unreadable == Unreadable::kThrow) {
          throw;
        }
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
      } else if (states[id] == State::kFile) {
        file_bytes += record.stream.length;
      }
    }
  }
};

class Count {
 public:
  Count(const ImageReader& reader, Unreadable unreadable, const std::stop_token& stop)
      : reader_(reader),
        unreadable_(unreadable),
        stop_(stop),
        budget_(reader),
        records_(reader, unreadable, stop) {}

  /// Returns false if not all names could be counted.
  bool run() {
    std::size_t names = 0;
    meet(reader_.root());
    while (!directories_.empty()) {
      stop_if_asked(reader_, stop_);
      const Bytes table = table_of(directories_.back());
      directories_.pop_back();
      const auto ids = format::file_ids_of(table);
      names += ids.size();
      if (names > kMaxCountedNames || !budget_.may_take(table.size())) {
        return false;
      }
      std::ranges::for_each(ids, [this](FileId id) { meet(id); });
    }
    return true;
  }

  LinkCounts result() const {
    LinkCounts counts{.hard_linked = {}, .file_bytes = records_.file_bytes};
    counts.hard_linked.reserve(extra_names_.size());
    for (const auto& [file, extra] : extra_names_) {
      counts.hard_linked.push_back({file, 1 + extra});
    }
    std::ranges::sort(counts.hard_linked, {}, &LinkCount::file);
    return counts;
  }

 private:
  /// Returns the table of a directory, empty if it cannot be read and that is to be ignored.
  Bytes table_of(FileId id) const {
    const auto directory = std::ranges::lower_bound(records_.directories, id, {}, &Directory::id);
    constexpr std::size_t kFirst = 4096;
    if (directory->table.length == 0) {
      return {};  // a directory without entries needs no table
    }
    try {
      return reader_.link_table_bytes(directory->table.data, directory->table.length, kFirst);
    } catch (const Error&) {
      if (unreadable_ == Unreadable::kThrow) {
        throw;
      }
      return {};
    }
  }

  /// Counts a name that leads to `file`.
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
      ++extra_names_[file];
    }
  }

  const ImageReader& reader_;
  const Unreadable unreadable_;
  std::stop_token stop_;
  TableBudget budget_;
  Records records_;
  std::vector<FileId> directories_;  // to be entered
  SeededMap<FileId, std::uint32_t> extra_names_;
};

}  // namespace

std::optional<LinkCounts> count_links(const ImageReader& reader, Unreadable unreadable,
                                      const std::stop_token& stop) {
  if (reader.max_file_id() > kMaxCountedNames) {
    return std::nullopt;
  }
  Count count(reader, unreadable, stop);
  return count.run() ? std::optional(count.result()) : std::nullopt;
}

}  // namespace cim
