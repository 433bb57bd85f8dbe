// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/directory_pair.h"

#include <algorithm>
#include <compare>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/upcase.h"

namespace cim {

// The image may have another table of upper case, or break its own order.
DirectoryEntries DirectoryVisits::enter(FileId id) {
  if (!entered_.insert(id).second) {
    throw Error(ErrorCode::kCorrupt, image_.path().string(),
                fmt::format("directory {} has a second name", id));
  }
  const auto table = image_.directory(id, image_.record(id));
  DirectoryEntries entries;
  entries.reserve(table->size());
  for (std::uint32_t i = 0; i < table->size(); ++i) {
    entries.push_back({table->name(i), table->file_id(i)});
  }
  std::ranges::sort(entries, [](const DirectoryEntry& a, const DirectoryEntry& b) {
    return compare_ignoring_case(a.name, b.name) < 0;
  });
  return entries;
}

EntryPair DirectoryPair::take() {
  const DirectoryEntry* const a = next_before_ < before_.size() ? &before_[next_before_] : nullptr;
  const DirectoryEntry* const b = next_after_ < after_.size() ? &after_[next_after_] : nullptr;
  const auto order = a != nullptr && b != nullptr ? compare_ignoring_case(a->name, b->name)
                     : a != nullptr               ? std::strong_ordering::less
                                                  : std::strong_ordering::greater;
  next_before_ += a != nullptr && order <= 0 ? 1U : 0U;
  next_after_ += b != nullptr && order >= 0 ? 1U : 0U;
  return {order <= 0 ? a : nullptr, order >= 0 ? b : nullptr};
}

void PairWalk::enter(DirectoryEntries before, DirectoryEntries after) {
  open_.emplace_back(std::move(before), std::move(after));
  is_at_name_ = false;
}

EntryPair PairWalk::next() {
  if (is_at_name_) {
    path_ = std::move(path_).parent();
    is_at_name_ = false;
  }
  while (!open_.empty()) {
    const EntryPair entries = open_.back().take();
    if (!entries.is_end()) {
      const auto& named = entries.after != nullptr ? *entries.after : *entries.before;
      path_ = std::move(path_).child(named.name);
      is_at_name_ = true;
      return entries;
    }
    open_.pop_back();
    path_ = std::move(path_).parent();
  }
  return {};
}

}  // namespace cim
