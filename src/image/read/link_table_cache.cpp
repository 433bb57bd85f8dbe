// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/link_table_cache.h"

#include <utility>

namespace cim {

LinkTableCache::Table LinkTableCache::find(std::uint64_t key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    return nullptr;
  }
  by_age_.splice(by_age_.begin(), by_age_, found->second);
  return found->second->table;
}

void LinkTableCache::insert(std::uint64_t key, Table table) {
  const std::lock_guard lock(mutex_);
  if (by_key_.contains(key) || table->memory_size() > capacity_) {
    return;
  }
  size_ += table->memory_size();
  by_age_.push_front({key, std::move(table)});
  by_key_.emplace(key, by_age_.begin());
  while (size_ > capacity_) {
    const Entry& oldest = by_age_.back();
    size_ -= oldest.table->memory_size();
    by_key_.erase(oldest.key);
    by_age_.pop_back();
  }
}

}  // namespace cim
