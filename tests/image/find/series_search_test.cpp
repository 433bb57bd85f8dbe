// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/find/series_search.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "expect_error.h"

namespace cim {
namespace {

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

bool contains(std::string_view series, std::string_view text, std::size_t piece) {
  SeriesSearch search(bytes_of(series));
  bool found = false;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    found = search.add(as_bytes(text.substr(at, piece)));
  }
  return found;
}

TEST(SeriesSearch, FindsASeriesAcrossPieces) {
  for (std::size_t piece = 1; piece < 12; ++piece) {
    EXPECT_TRUE(contains("needle", "a neneedle b", piece)) << piece;
    EXPECT_FALSE(contains("needle", "a neneedl e b", piece)) << piece;
  }
}

TEST(SeriesSearch, IsRestartedForOtherContents) {
  SeriesSearch search(bytes_of("ab"));
  EXPECT_FALSE(search.add(as_bytes("xa")));
  search.restart();
  EXPECT_FALSE(search.add(as_bytes("b")));
}

TEST(SeriesSearch, AgreesWithTheStandardLibraryOnRandomTexts) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string series(1 + random() % 6, 'a');
    std::string text(random() % 40, 'a');
    for (char& c : series) {
      c = static_cast<char>('a' + random() % 2);
    }
    for (char& c : text) {
      c = static_cast<char>('a' + random() % 2);
    }
    EXPECT_EQ(contains(series, text, 1 + random() % 9), text.find(series) != std::string::npos)
        << series << " in " << text;
  }
}

TEST(SeriesSearch, RefusesAnEmptyAndAnOverlongSeries) {
  test::expect_error(ErrorCode::kInvalidArgument, "bytes", [] { SeriesSearch search{Bytes()}; });
  test::expect_error(ErrorCode::kInvalidArgument, "bytes",
                     [] { SeriesSearch search{Bytes(4097)}; });
}

}  // namespace
}  // namespace cim
