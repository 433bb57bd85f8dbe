// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Recently read link tables, shared between threads.

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "format/link_table.h"
#include "os/seeded_hash.h"

namespace cim {

/// Keeps the most recently used tables up to a number of bytes. A table that a caller holds stays
/// alive when it is evicted.
class LinkTableCache {
 public:
  using Table = std::shared_ptr<const format::LinkTable>;

  explicit LinkTableCache(std::size_t capacity_bytes) noexcept : capacity_(capacity_bytes) {}

  /// Returns the table that was inserted with that key, or null.
  Table find(std::uint64_t key);
  void insert(std::uint64_t key, Table table);

 private:
  struct Entry {
    std::uint64_t key;
    Table table;
  };

  std::mutex mutex_;
  std::list<Entry> by_age_;  // the most recently used one first
  SeededMap<std::uint64_t, std::list<Entry>::iterator> by_key_;
  std::size_t size_ = 0;
  std::size_t capacity_;
};

}  // namespace cim
