// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/diff/directory_merge.h"

#include <compare>

#include "base/upcase.h"

namespace cim {

EntryPair DirectoryMerge::take() {
  const DirectoryEntry* const a = next_before_ < before_.size() ? &before_[next_before_] : nullptr;
  const DirectoryEntry* const b = next_after_ < after_.size() ? &after_[next_after_] : nullptr;
  const auto order = a != nullptr && b != nullptr ? compare_ignoring_case(a->name, b->name)
                     : a != nullptr               ? std::strong_ordering::less
                                                  : std::strong_ordering::greater;
  next_before_ += a != nullptr && order <= 0 ? 1U : 0U;
  next_after_ += b != nullptr && order >= 0 ? 1U : 0U;
  return {order <= 0 ? a : nullptr, order >= 0 ? b : nullptr};
}

void LockstepWalk::enter(DirectoryEntries before, DirectoryEntries after) {
  open_.emplace_back(std::move(before), std::move(after));
  is_at_name_ = false;
}

// The path ends with the name that was returned last, unless the caller entered it: then it becomes
// the directory whose names follow.
EntryPair LockstepWalk::next() {
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
