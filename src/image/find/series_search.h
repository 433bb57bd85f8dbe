// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Finds a series of bytes in contents that arrive in pieces.

#include <cstddef>
#include <vector>

#include "base/bytes.h"

namespace cim {

/// Takes time in proportion to the contents, whatever they are (the algorithm of Knuth, Morris and
/// Pratt).
class SeriesSearch {
 public:
  /// Throws kInvalidArgument if the series is empty or longer than 4,096 bytes.
  explicit SeriesSearch(Bytes series);

  /// Starts with new contents.
  void restart() noexcept { matched_ = 0; }
  /// Returns true if the contents so far contain the series.
  bool add(ByteView piece);

 private:
  Bytes series_;
  std::vector<std::size_t> fallback_;  // by matched bytes: how many remain after a mismatch
  std::size_t matched_ = 0;
};

}  // namespace cim
