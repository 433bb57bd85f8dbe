// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/find/series_search.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "cimlib/error.h"

namespace cim {
namespace {

constexpr std::size_t kLongestSeries = 4096;

}  // namespace

SeriesSearch::SeriesSearch(Bytes series) : series_(std::move(series)) {
  if (series_.empty() || series_.size() > kLongestSeries) {
    throw Error(ErrorCode::kInvalidArgument, "the content to search for",
                "has no bytes or more than 4096");
  }
  fallback_.assign(series_.size() + 1, 0);
  std::size_t border = 0;
  for (std::size_t i = 1; i < series_.size(); ++i) {
    while (border > 0 && series_[i] != series_[border]) {
      border = fallback_[border];
    }
    border += series_[i] == series_[border] ? std::size_t{1} : std::size_t{0};
    fallback_[i + 1] = border;
  }
}

bool SeriesSearch::add(ByteView piece) {
  std::size_t at = 0;
  while (at < piece.size() && matched_ < series_.size()) {
    if (matched_ == 0) {  // the system's search for one byte is many times faster
      const void* const found =
          std::memchr(piece.data() + at, std::to_integer<int>(series_.front()), piece.size() - at);
      if (found == nullptr) {
        return false;
      }
      at = static_cast<std::size_t>(static_cast<const std::byte*>(found) - piece.data());
    }
    if (piece[at] == series_[matched_]) {
      ++matched_;
      ++at;
    } else {
      matched_ = fallback_[matched_];
    }
  }
  return matched_ == series_.size();
}

}  // namespace cim
