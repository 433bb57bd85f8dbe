// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The objects of a region, found by their content.

#include <cstdint>
#include <optional>
#include <vector>

#include "format/header.h"
#include "os/crypto.h"

namespace cim {

/// The part of a digest that is kept.
using ShortDigest = decltype(format::ObjectIdEntry::digest);
ShortDigest shorten(const Sha256Digest& digest) noexcept;

/// Treats objects as equal if they have equal length and SHA-256, of which the first 24 bytes are
/// kept.
class ObjectIndex {
 public:
  /// Returns where an equal object starts, in bytes from the start of the region.
  std::optional<std::uint64_t> find(std::uint64_t length, const Sha256Digest& digest) const;

  /// Adds an object. It replaces one of the same length and digest.
  void add(std::uint64_t length, const Sha256Digest& digest, std::uint64_t offset) {
    add({length, shorten(digest), offset});
  }
  void add(const format::ObjectIdEntry& entry);

  /// Returns all objects in the order of the object id file: by length, then digest.
  std::vector<format::ObjectIdEntry> sorted() &&;

 private:
  std::size_t slot_of(std::uint64_t length, const ShortDigest& digest) const;
  void grow();

  std::vector<format::ObjectIdEntry> entries_;
  // Open addressing: index of the entry plus one, or zero; the number of slots is a power of two,
  // and at least half of them are free.
  std::vector<std::uint32_t> slots_;
};

}  // namespace cim
