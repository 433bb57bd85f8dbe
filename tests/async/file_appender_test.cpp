// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "async/file_appender.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "temporary_directory.h"

namespace cim {
namespace {

// Pieces of all sizes, with and without owners; some are discarded at once, others long after they
// were written.
TEST(FileAppender, ContainsAppendedBytesExceptDiscardedOnes) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  WriteBehind behind;
  FileAppender appender(file, behind);
  std::mt19937 random(7);
  Bytes expected;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t size = random() % (i % 3 == 0 ? 100000 : 3000);
    const auto bytes = std::make_shared<const Bytes>(size, static_cast<std::byte>(i % 251));
    const bool has_owner = random() % 2 == 0;
    appender.append({*bytes, has_owner ? bytes : nullptr});
    append(expected, *bytes);
    if (i % 5 == 0) {
      const std::size_t zeros = random() % (i % 2 == 0 ? 500000 : 10000);
      appender.append_zeros(zeros);
      expected.resize(expected.size() + zeros);
    }
    if (random() % 4 == 0) {
      const std::size_t reach = random() % 50 == 0 ? std::size_t{4} << 20 : 120000;
      expected.resize(expected.size() - std::min(expected.size(), random() % reach));
      appender.rewind(expected.size());
    }
    ASSERT_EQ(appender.position(), expected.size());
  }
  appender.finish();
  Bytes bytes(expected.size());
  file.read_at(0, bytes);
  EXPECT_EQ(file.size(), expected.size());
  EXPECT_EQ(bytes, expected);
}

TEST(FileAppender, StoresLongRunsOfZerosAsAHole) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  WriteBehind behind;
  FileAppender appender(file, behind);
  appender.append({as_bytes("x"), nullptr});
  appender.append_zeros(std::uint64_t{1} << 40);
  appender.append({as_bytes("y"), nullptr});
  appender.append_zeros(std::uint64_t{1} << 20);
  appender.finish();
  EXPECT_EQ(file.size(), (std::uint64_t{1} << 40) + (std::uint64_t{1} << 20) + 2);
  Bytes last(2);
  file.read_at(std::uint64_t{1} << 40, last);
  EXPECT_EQ(as_text(last), std::string("\0y", 2));
}

TEST(FileAppender, OverwritesDiscardedBytesWithZeros) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  WriteBehind behind;
  FileAppender appender(file, behind);
  const auto piece = std::make_shared<const Bytes>(std::size_t{5} << 20, std::byte{1});
  const auto zero_piece = std::make_shared<const Bytes>(std::size_t{3} << 20);
  appender.append({*piece, piece});
  appender.rewind(1000);
  appender.append({*zero_piece, zero_piece});
  appender.append_zeros(std::uint64_t{1} << 20);
  appender.append({as_bytes("x"), nullptr});
  appender.append_zeros(std::uint64_t{3} << 20);
  appender.finish();
  Bytes expected(1000, std::byte{1});
  expected.resize(1000 + (4 << 20));
  append(expected, as_bytes("x"));
  expected.resize(expected.size() + (3 << 20));
  Bytes bytes(expected.size());
  file.read_at(0, bytes);
  EXPECT_TRUE(bytes == expected);
}

TEST(FileAppender, ReadsBackBytesInMemoryAndOnDisk) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  WriteBehind write_behind;
  FileAppender appender(file, write_behind);
  Bytes expected;
  for (unsigned step = 0; step < 60; ++step) {
    const auto piece =
        std::make_shared<const Bytes>(step % 3 == 0 ? 200'000 : 999, static_cast<std::byte>(step));
    const bool is_shared = step % 2 == 0;
    appender.append({*piece, is_shared ? piece : nullptr});
    expected.insert(expected.end(), piece->begin(), piece->end());
    if (step % 20 == 4) {
      appender.append_zeros(300'000);
      expected.resize(expected.size() + 300'000);
    }
    if (step % 10 == 9) {
      expected.resize(expected.size() - 250'000);
      appender.rewind(expected.size());
    }
    for (const std::size_t size : {std::size_t{1}, std::size_t{5000}, expected.size()}) {
      Bytes bytes(std::min(size, expected.size()));
      const std::size_t offset = expected.size() - bytes.size();
      appender.read_at(offset, bytes);
      ASSERT_TRUE(std::equal(bytes.begin(), bytes.end(),
                             expected.begin() + static_cast<std::ptrdiff_t>(offset)))
          << step << ' ' << size;
    }
  }
  appender.finish();
}

}  // namespace
}  // namespace cim
