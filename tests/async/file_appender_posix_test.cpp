// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Only here does File report holes.
#include <algorithm>

#include <gtest/gtest.h>

#include "async/file_appender.h"
#include "temporary_directory.h"

namespace cim {
namespace {

// The sizes are those of pieces in which the bytes are appended.
TEST(FileAppender, StoresLongRunsOfZerosInBytesAsHoles) {
  constexpr std::size_t kRun = std::size_t{3} << 20;
  Bytes expected(1000, std::byte{1});
  for (std::size_t run = 0; run < 3; ++run) {
    expected.resize(expected.size() + kRun);
    expected.resize(expected.size() + 30'000, std::byte{2});
    expected.resize(expected.size() + 10'000);  // too short for a hole
    expected.resize(expected.size() + 30'000, std::byte{3});
  }
  expected.resize(expected.size() + kRun);
  for (const std::size_t size : {std::size_t{1000}, std::size_t{8192}, std::size_t{500'000}}) {
    for (const bool has_owner : {false, true}) {
      const test::TemporaryDirectory directory;
      File file = File::create_new(directory.path() / "a");
      WriteBehind behind;
      FileAppender appender(file, behind);
      for (std::size_t at = 0; at < expected.size(); at += size) {
        const auto piece = ByteView(expected).subspan(at, std::min(size, expected.size() - at));
        const auto owned = std::make_shared<const Bytes>(piece.begin(), piece.end());
        appender.append({*owned, has_owner ? owned : nullptr});
      }
      Bytes bytes(expected.size());
      appender.read_at(0, bytes);
      EXPECT_EQ(bytes, expected);
      appender.finish();
      ASSERT_EQ(file.size(), expected.size());
      file.read_at(0, bytes);
      EXPECT_EQ(bytes, expected);
      EXPECT_LT(file.size_without_holes(), 300'000U) << size << has_owner;
    }
  }
}

}  // namespace
}  // namespace cim
