// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The names of an image under construction: maps a directory and a name to a file, comparing names
// as Windows does. Made for millions of names: an entry costs about 35 bytes besides its text.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cimlib/file_info.h"

#include "os/seeded_hash.h"

namespace cim {

/// A hash table of names and, for each directory, a list of its entries. Names are appended to one
/// long text and never removed from it.
class NameIndex {
 public:
  /// Number of an entry, stable until the entry is removed.
  using EntryId = std::uint32_t;

  std::optional<EntryId> find(FileId directory, std::u16string_view name) const;

  /// Adds a name; find() must not know it in that directory.
  EntryId add(FileId directory, std::u16string_view name, FileId file);
  void remove(EntryId entry);

  FileId file(EntryId entry) const { return entries_[entry].file; }
  FileId directory(EntryId entry) const { return entries_[entry].directory; }
  std::u16string_view name(EntryId entry) const;

  /// Iterate over the entries of a directory: the first entry, and the next one. Removed entries
  /// have file 0. nullopt at the end.
  std::optional<EntryId> first_of(FileId directory) const;
  std::optional<EntryId> next_of(EntryId entry) const;

  /// Past the last entry; removed entries are numbered too and have file 0.
  EntryId end() const noexcept { return static_cast<EntryId>(entries_.size()); }

 private:
  struct Entry {
    FileId directory;
    FileId file;
    std::uint32_t name;  // index in names_ of its length, which its units follow
    EntryId next;        // next one in the same directory plus one; 0 at the end
    std::uint32_t hash;
  };

  static std::uint32_t hash(FileId directory, std::u16string_view name) noexcept;
  void grow();

  std::vector<Entry> entries_;
  std::vector<char16_t> names_;
  SeededMap<FileId, EntryId> first_;  // by directory
  // Open addressing: number of the entry plus one, zero if free. A removed entry keeps its slot
  // until another takes it, so that entries probed past it stay reachable.
  std::vector<std::uint32_t> slots_;
};

}  // namespace cim
