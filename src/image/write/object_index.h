// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The objects of a region, found by their content.

#include <cstdint>
#include <optional>
#include <vector>

#include "format/header.h"

namespace cim {

/// Finds objects by length and id. Different objects may have the same: the caller compares the
/// bytes. Only the newest of them can be found, so that a search takes constant time even if
/// someone makes objects that collide.
class ObjectIndex {
 public:
  /// Returns the offset of the newest object with that length and id.
  std::optional<std::uint64_t> find(std::uint64_t length, const format::ObjectId& id) const;

  void add(const format::ObjectIdEntry& entry);

  /// Returns all objects in the order of the object id file.
  std::vector<format::ObjectIdEntry> sorted() &&;

 private:
  std::size_t slot_of(std::uint64_t length, const format::ObjectId& id) const;
  void grow();

  std::vector<format::ObjectIdEntry> entries_;
  // Open addressing: index of the entry plus one, or zero; the number of slots is a power of two,
  // and at least half of them are free.
  std::vector<std::uint32_t> slots_;
};

}  // namespace cim
