// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Access by index to containers that only have iterators.

#include <cstddef>
#include <iterator>

namespace cim::registry {

/// Remembers the element that was found last, so that the next one in either direction is found at
/// once.
template <typename Container>
class IndexCursor {
 public:
  using Iterator = typename Container::iterator;

  /// Returns the element at an index below the container's size.
  Iterator at(Container& container, std::size_t index) {
    const std::size_t from_end = container.size() - index;
    const std::size_t from_last = index > index_ ? index - index_ : index_ - index;
    if (is_set_ && from_last <= index && from_last <= from_end) {
      std::advance(place_,
                   static_cast<std::ptrdiff_t>(index) - static_cast<std::ptrdiff_t>(index_));
    } else if (index <= from_end) {
      place_ = std::next(container.begin(), static_cast<std::ptrdiff_t>(index));
    } else {
      place_ = std::prev(container.end(), static_cast<std::ptrdiff_t>(from_end));
    }
    index_ = index;
    is_set_ = true;
    return place_;
  }

  /// Must be called after elements were added or removed.
  void reset() noexcept { is_set_ = false; }

 private:
  Iterator place_{};
  std::size_t index_ = 0;
  bool is_set_ = false;
};

}  // namespace cim::registry
