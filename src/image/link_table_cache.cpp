// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/link_table_cache.h"

#include <utility>

namespace cim {

LinkTableCache::Table LinkTableCache::find(FileId directory) {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(directory);
  if (found == by_id_.end()) {
    return nullptr;
  }
  by_age_.splice(by_age_.begin(), by_age_, found->second);
  return found->second->table;
}

void LinkTableCache::insert(FileId directory, Table table) {
  const std::lock_guard lock(mutex_);
  if (by_id_.contains(directory) || table->memory_size() > capacity_) {
    return;
  }
  size_ += table->memory_size();
  by_age_.push_front({directory, std::move(table)});
  by_id_.emplace(directory, by_age_.begin());
  while (size_ > capacity_) {
    const Entry& oldest = by_age_.back();
    size_ -= oldest.table->memory_size();
    by_id_.erase(oldest.directory);
    by_age_.pop_back();
  }
}

}  // namespace cim
