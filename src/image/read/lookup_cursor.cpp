// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/lookup_cursor.h"

#include <algorithm>

namespace cim {

std::size_t LookupCursor::seek(const ImagePath& path, std::size_t count) {
  const auto wanted = path.names().begin();
  const auto end = wanted + static_cast<std::ptrdiff_t>(std::min(count, names_.size()));
  // std::u16string would compare its units one by one.
  const auto is_same = [](const auto& a, const auto& b) { return std::ranges::equal(a, b); };
  const auto known =
      static_cast<std::size_t>(std::mismatch(wanted, end, names_.begin(), is_same).first - wanted);
  names_.resize(known);
  ids_.resize(known + 1);
  return known;
}

void LookupCursor::push(std::u16string_view name, FileId id) {
  names_.emplace_back(name);
  ids_.push_back(id);
}

}  // namespace cim
