// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// An open-addressing hash table over the entries of an object id file, which are sorted once, at
// the end.
#include "image/write/object_index.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <tuple>
#include <utility>

#include "cimlib/error.h"

#include "os/seeded_hash.h"

namespace cim {
namespace {

constexpr std::size_t kFirstObjectSlots = 1024;

// An attacker can find contents whose digests share some bits, so the digest itself is not used as
// the hash.
std::size_t hash(const std::byte* digest) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, digest, sizeof word);
  return SeededHash()(word);
}

}  // namespace

ShortDigest shorten(const Sha256Digest& digest) noexcept {
  ShortDigest kept;
  std::copy_n(digest.begin(), kept.size(), kept.begin());
  return kept;
}

std::size_t ObjectIndex::slot_of(std::uint64_t length, const ShortDigest& digest) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash(digest.data()) & mask;
  while (slots_[slot] != 0) {
    const auto& entry = entries_[slots_[slot] - 1];
    if (entry.length == length && entry.digest == digest) {
      break;
    }
    slot = (slot + 1) & mask;
  }
  return slot;
}

std::optional<std::uint64_t> ObjectIndex::find(std::uint64_t length,
                                               const Sha256Digest& digest) const {
  if (slots_.empty()) {
    return std::nullopt;
  }
  const std::uint32_t index = slots_[slot_of(length, shorten(digest))];
  return index == 0 ? std::nullopt : std::optional(entries_[index - 1].offset);
}

// A newer object replaces an equal one, so that the nearest of several ancestors counts.
void ObjectIndex::add(const format::ObjectIdEntry& entry) {
  if (entries_.size() == std::numeric_limits<std::uint32_t>::max()) {
    throw Error(ErrorCode::kLimit, "object ids", "more than 2^32 objects in a region");
  }
  if (2 * (entries_.size() + 1) > slots_.size()) {
    grow();
  }
  std::uint32_t& slot = slots_[slot_of(entry.length, entry.digest)];
  if (slot != 0) {
    entries_[slot - 1] = entry;
    return;
  }
  entries_.push_back(entry);
  slot = static_cast<std::uint32_t>(entries_.size());
}

void ObjectIndex::grow() {
  const std::size_t count = std::max(kFirstObjectSlots, 2 * slots_.size());
  slots_.assign(count, 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t slot = hash(entries_[i].digest.data()) & (count - 1);
    while (slots_[slot] != 0) {
      slot = (slot + 1) & (count - 1);
    }
    slots_[slot] = static_cast<std::uint32_t>(i + 1);
  }
}

std::vector<format::ObjectIdEntry> ObjectIndex::sorted() && {
  slots_ = {};
  std::ranges::sort(entries_, [](const auto& a, const auto& b) {
    return std::tie(a.length, a.digest) < std::tie(b.length, b.digest);
  });
  return std::move(entries_);
}

}  // namespace cim
