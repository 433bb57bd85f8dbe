// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// An open-addressing hash table over one array of entries and one of text, with a chain of entries
// for each directory. Three allocations for millions of names, where a map would need one for each.
#include "image/write/name_index.h"

#include <algorithm>
#include <limits>

#include "cimlib/error.h"

#include "base/upcase.h"
#include "os/seeded_hash.h"

namespace cim {
namespace {

constexpr std::size_t kFirstNameSlots = 1024;

}  // namespace

std::u16string_view NameIndex::name(EntryId entry) const {
  const char16_t* const stored = names_.data() + entries_[entry].name;
  return {stored + 1, *stored};
}

// Packs four upper-cased units into a word.
std::uint32_t NameIndex::hash(FileId directory, std::u16string_view name) noexcept {
  SeededHasher hasher;
  hasher.add(std::uint64_t{directory} << 32 | name.size());
  while (!name.empty()) {
    std::uint64_t word = 0;
    const std::u16string_view some = name.substr(0, 4);
    for (const char16_t unit : some) {
      word = word << 16 | upcase(unit);
    }
    hasher.add(word);
    name.remove_prefix(some.size());
  }
  return static_cast<std::uint32_t>(hasher.finish());
}

std::optional<NameIndex::EntryId> NameIndex::find(FileId directory,
                                                  std::u16string_view name) const {
  if (slots_.empty()) {
    return std::nullopt;
  }
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t wanted = hash(directory, name);
  for (std::size_t slot = wanted & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const EntryId number = slots_[slot] - 1;
    const Entry& entry = entries_[number];
    if (entry.hash == wanted && entry.file != 0 && entry.directory == directory &&
        equal_ignoring_case(this->name(number), name)) {
      return number;
    }
  }
  return std::nullopt;
}

// The new entry becomes the first of its directory's list, so a listing is in reverse order of
// insertion.
NameIndex::EntryId NameIndex::add(FileId directory, std::u16string_view name, FileId file) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (entries_.size() >= kMost - 1 || names_.size() >= kMost) {
    throw Error(ErrorCode::kLimit, "names", "more than 2^32 names, or UTF-16 code units in names");
  }
  if (2 * (entries_.size() + 1) > slots_.size()) {
    grow();
  }
  const auto entry = static_cast<EntryId>(entries_.size());
  const auto [first, is_first] = first_.try_emplace(directory, entry);
  entries_.push_back({directory, file, static_cast<std::uint32_t>(names_.size()),
                      is_first ? 0 : first->second + 1, hash(directory, name)});
  first->second = entry;
  names_.push_back(static_cast<char16_t>(name.size()));  // at most 255
  names_.insert(names_.end(), name.begin(), name.end());
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = entries_.back().hash & mask;
  while (slots_[slot] != 0 && entries_[slots_[slot] - 1].file != 0) {
    slot = (slot + 1) & mask;
  }
  slots_[slot] = entry + 1;
  return entry;
}

std::optional<NameIndex::EntryId> NameIndex::first_of(FileId directory) const {
  const auto found = first_.find(directory);
  return found == first_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<NameIndex::EntryId> NameIndex::next_of(EntryId entry) const {
  const EntryId next = entries_[entry].next;
  return next == 0 ? std::nullopt : std::optional(next - 1);
}

void NameIndex::remove(EntryId entry) {
  entries_[entry].file = 0;
}

// Removed entries get no slot in the new table. They keep their numbers, because the lists of
// directories run through them.
void NameIndex::grow() {
  const std::size_t count = std::max(kFirstNameSlots, 2 * slots_.size());
  slots_.assign(count, 0);
  for (EntryId entry = 0; entry < end(); ++entry) {
    if (entries_[entry].file == 0) {
      continue;
    }
    std::size_t slot = entries_[entry].hash & (count - 1);
    while (slots_[slot] != 0) {
      slot = (slot + 1) & (count - 1);
    }
    slots_[slot] = entry + 1;
  }
}

}  // namespace cim
