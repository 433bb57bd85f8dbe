// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "async/write_behind.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;

std::vector<SharedBytes> filled(char c, std::size_t size) {
  const auto bytes = std::make_shared<const Bytes>(size, static_cast<std::byte>(c));
  return {{*bytes, bytes}};
}

TEST(WriteBehind, WritesInTheOrderOfTheCalls) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  WriteBehind behind;
  constexpr std::size_t kCount = 1000;
  for (std::size_t i = 0; i < kCount; ++i) {
    const char c = static_cast<char>('a' + i % 26);
    behind.write(file, i * 2, filled(c, 4), i % 3 == 0 ? 4 : 0);
  }
  behind.drain();
  Bytes bytes(kCount * 2 + 2);
  file.read_at(0, bytes);
  for (std::size_t i = 0; i < kCount; ++i) {
    EXPECT_EQ(bytes[i * 2], static_cast<std::byte>('a' + i % 26)) << i;
  }
}

TEST(WriteBehind, WritesPiecesContiguously) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  WriteBehind behind;
  std::vector<SharedBytes> pieces;
  Bytes expected;
  for (std::size_t i = 0; i < 200; ++i) {  // more than one system call accepts
    pieces.push_back(filled(static_cast<char>('a' + i % 26), i * i % 7000).front());
    append(expected, pieces.back().bytes);
  }
  behind.write(file, 0, pieces, 0);
  behind.drain();
  Bytes bytes(expected.size());
  file.read_at(0, bytes);
  EXPECT_EQ(file.size(), expected.size());
  EXPECT_EQ(bytes, expected);
}

TEST(WriteBehind, ReleasesOwners) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  WriteBehind behind;
  const std::vector<SharedBytes> bytes = filled('x', 10);
  behind.write(file, 0, bytes, 0);
  behind.drain();
  EXPECT_EQ(bytes.front().owner.use_count(), 1);
}

// Returns the error code of such a write, which depends on the system.
ErrorCode code_of_writing(File& unwritable) {
  try {
    unwritable.write_at(0, as_bytes("x"));
  } catch (const Error& error) {
    return error.code();
  }
  throw std::logic_error("written");
}

TEST(WriteBehind, ThrowsAFailureAtTheNextCallAndStopsWriting) {
  const test::TemporaryDirectory directory;
  File::create_new(directory.path() / "a");
  File unwritable = File::open_read(directory.path() / "a");
  File file = File::create_new(directory.path() / "b");
  const ErrorCode code = code_of_writing(unwritable);
  WriteBehind behind;
  behind.write(unwritable, 0, filled('x', 1), 0);
  expect_error(code, "a: cannot write", [&] { behind.drain(); });
  expect_error(code, "a: cannot write", [&] { behind.write(file, 0, filled('x', 1), 0); });
  expect_error(code, "a: cannot write", [&] { behind.drain(); });
  EXPECT_EQ(file.size(), 0U);
}

TEST(WriteBehind, MayBeDestroyedWithoutDrain) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  WriteBehind behind;
  for (int i = 0; i < 5; ++i) {
    behind.write(file, 0, filled('x', 1 << 20), 0);
  }
}

TEST(WriteBehind, DrainsWithoutAnyWrite) {
  WriteBehind behind;
  behind.drain();
}

}  // namespace
}  // namespace cim
