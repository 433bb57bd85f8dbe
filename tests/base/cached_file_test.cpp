// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/cached_file.h"

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "temporary_directory.h"

namespace cim {
namespace {

// Each two bytes tell where they are.
Bytes numbered(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(i % 2 == 0 ? i / 2 : i / 512);
  }
  return bytes;
}

TEST(CachedFile, ReadsWhatTheFileHas) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  const Bytes all = numbered(std::size_t{6} << 20);  // more than is kept
  file.write_at(0, all);
  CachedFile cached(File::open_read(directory.path() / "a"));
  EXPECT_EQ(cached.size(), all.size());
  for (std::size_t step = 0; step < 20000; ++step) {
    const std::size_t offset = step * 7919 % all.size();
    Bytes bytes(std::min<std::size_t>(step % 50 == 0 ? 10000 : 40, all.size() - offset));
    cached.read_at(offset, bytes);
    ASSERT_TRUE(
        std::equal(bytes.begin(), bytes.end(), all.begin() + static_cast<std::ptrdiff_t>(offset)))
        << offset;
  }
}

TEST(CachedFile, RefusesToReadPastTheEnd) {
  const test::TemporaryDirectory directory;
  File::create_new(directory.path() / "a").write_at(0, as_bytes("abc"));
  CachedFile cached(File::open_read(directory.path() / "a"));
  Bytes bytes(2);
  cached.read_at(1, bytes);
  EXPECT_EQ(as_text(bytes), "bc");
  test::expect_error(ErrorCode::kCorrupt, "a: ", [&] { cached.read_at(2, bytes); });
}

}  // namespace
}  // namespace cim
