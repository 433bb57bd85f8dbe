// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/cached_files.h"

#include <string>

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "temporary_directory.h"

namespace cim {
namespace {

// Every two bytes encode their position.
Bytes numbered(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(i % 2 == 0 ? i / 2 : i / 512);
  }
  return bytes;
}

TEST(CachedFiles, ReadTheContentsOfFiles) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  const Bytes all = numbered(std::size_t{6} << 20);  // more than the cache holds
  file.write_at(0, all);
  CachedFiles cached;
  const std::size_t number = cached.add(directory.path() / "a");
  EXPECT_EQ(cached.size(number), all.size());
  for (std::size_t step = 0; step < 20000; ++step) {
    const std::size_t offset = step * 7919 % all.size();
    Bytes bytes(std::min<std::size_t>(step % 50 == 0 ? 10000 : 40, all.size() - offset));
    cached.read_at(number, offset, bytes);
    ASSERT_TRUE(
        std::equal(bytes.begin(), bytes.end(), all.begin() + static_cast<std::ptrdiff_t>(offset)))
        << offset;
  }
}

TEST(CachedFiles, MayBeManyMoreThanAreOpen) {
  const test::TemporaryDirectory directory;
  CachedFiles cached;
  constexpr std::size_t kCount = 3 * CachedFiles::kMostOpen;
  for (std::size_t i = 0; i < kCount; ++i) {
    const auto path = directory.path() / std::to_string(i);
    File::create_new(path).write_at(0, Bytes(3 * 4096, static_cast<std::byte>(i)));
    EXPECT_EQ(cached.add(path), i);
  }
  for (std::size_t offset = 0; offset < 3 * 4096; offset += 4096) {
    for (std::size_t i = 0; i < kCount; ++i) {
      Bytes bytes(2);
      cached.read_at(i, offset, bytes);
      EXPECT_EQ(bytes, Bytes(2, static_cast<std::byte>(i)));
    }
  }
}

TEST(CachedFiles, RefuseToReadPastTheEnd) {
  const test::TemporaryDirectory directory;
  File::create_new(directory.path() / "a").write_at(0, as_bytes("abc"));
  CachedFiles cached;
  const std::size_t number = cached.add(directory.path() / "a");
  Bytes bytes(2);
  cached.read_at(number, 1, bytes);
  EXPECT_EQ(as_text(bytes), "bc");
  test::expect_error(ErrorCode::kCorrupt, "a: ", [&] { cached.read_at(number, 2, bytes); });
}

}  // namespace
}  // namespace cim
