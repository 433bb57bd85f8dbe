// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Two directories side by side, name for name, as comparing images needs them.

#include <compare>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/upcase.h"
#include "image/image_reader.h"

namespace cim {

/// Two directories of one path, or one where the other image has none. Both are sorted by name,
/// letter case apart.
struct DirectoryPair {
  std::vector<DirectoryEntry> before;
  std::vector<DirectoryEntry> after;
  std::size_t next_before = 0;
  std::size_t next_after = 0;

  /// The entries of the next name; at the end neither.
  std::pair<const DirectoryEntry*, const DirectoryEntry*> take() {
    const DirectoryEntry* const a = next_before < before.size() ? &before[next_before] : nullptr;
    const DirectoryEntry* const b = next_after < after.size() ? &after[next_after] : nullptr;
    const auto order = a != nullptr && b != nullptr ? compare_ignoring_case(a->name, b->name)
                       : a != nullptr               ? std::strong_ordering::less
                                                    : std::strong_ordering::greater;
    next_before += a != nullptr && order <= 0 ? 1U : 0U;
    next_after += b != nullptr && order >= 0 ? 1U : 0U;
    return {order <= 0 ? a : nullptr, order >= 0 ? b : nullptr};
  }
};

}  // namespace cim
