// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The objects that a region has, found by what they hold.

#include <cstdint>
#include <optional>
#include <vector>

#include "format/header.h"
#include "os/sha256.h"

namespace cim {

/// What is kept of a digest.
using ShortDigest = decltype(format::ObjectIdEntry::digest);
ShortDigest shorten(const Sha256Digest& digest) noexcept;

/// Equal objects have equal length and SHA-256, of which the first 24 bytes are kept.
class ObjectIndex {
 public:
  /// Where an equal object starts, in bytes from the start of the region.
  std::optional<std::uint64_t> find(std::uint64_t length, const Sha256Digest& digest) const;

  /// Adds an object. If there is one of the same length and digest, this one takes its place.
  void add(std::uint64_t length, const Sha256Digest& digest, std::uint64_t offset) {
    add({length, shorten(digest), offset});
  }
  void add(const format::ObjectIdEntry& entry);

  /// All objects in the order of the object id file: by length, then digest.
  std::vector<format::ObjectIdEntry> sorted() &&;

 private:
  std::size_t slot_of(std::uint64_t length, const ShortDigest& digest) const;
  void grow();

  std::vector<format::ObjectIdEntry> entries_;
  // Open addressing: index of the entry plus one, or zero; a power of two of slots, half of them
  // free at least.
  std::vector<std::uint32_t> slots_;
};

}  // namespace cim
