// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// An open-addressing hash table over the entries of an object id file, which are sorted once, at
// the end.
#include "image/write/object_index.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "cimlib/error.h"

#include "os/seeded_hash.h"

namespace cim {
namespace {

constexpr std::size_t kFirstObjectSlots = 1024;

// An attacker can find contents whose ids share some bits, so all of them are hashed.
std::size_t hash(std::uint64_t length, const format::ObjectId& id) noexcept {
  SeededHasher hasher;
  hasher.add(length);
  hasher.add(ByteView(id));
  return hasher.finish();
}

}  // namespace

std::size_t ObjectIndex::slot_of(std::uint64_t length, const format::ObjectId& id) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash(length, id) & mask;
  while (slots_[slot] != 0) {
    const auto& entry = entries_[slots_[slot] - 1];
    if (entry.length == length && entry.id == id) {
      break;
    }
    slot = (slot + 1) & mask;
  }
  return slot;
}

std::optional<std::uint64_t> ObjectIndex::find(std::uint64_t length,
                                               const format::ObjectId& id) const {
  if (slots_.empty()) {
    return std::nullopt;
  }
  const std::uint32_t index = slots_[slot_of(length, id)];
  return index == 0 ? std::nullopt : std::optional(entries_[index - 1].offset);
}

void ObjectIndex::add(const format::ObjectIdEntry& entry) {
  if (entries_.size() == std::numeric_limits<std::uint32_t>::max()) {
    throw Error(ErrorCode::kLimit, "object ids", "more than 2^32 objects in a region");
  }
  if (2 * (entries_.size() + 1) > slots_.size()) {
    grow();
  }
  entries_.push_back(entry);
  slots_[slot_of(entry.length, entry.id)] = static_cast<std::uint32_t>(entries_.size());
}

// Newer entries come later and take the slots of those that they collide with.
void ObjectIndex::grow() {
  slots_.assign(std::max(kFirstObjectSlots, 2 * slots_.size()), 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    slots_[slot_of(entries_[i].length, entries_[i].id)] = static_cast<std::uint32_t>(i + 1);
  }
}

std::vector<format::ObjectIdEntry> ObjectIndex::sorted() && {
  slots_ = {};
  std::ranges::sort(entries_);
  return std::move(entries_);
}

}  // namespace cim
