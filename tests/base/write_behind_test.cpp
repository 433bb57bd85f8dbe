// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/write_behind.h"

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "temporary_directory.h"

namespace cim {
namespace {

Bytes filled(Bytes buffer, char c, std::size_t size) {
  buffer.assign(size, static_cast<std::byte>(c));
  return buffer;
}

TEST(WriteBehind, WritesAllInTheOrderAsked) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  WriteBehind behind;
  constexpr std::size_t kCount = 100;  // many times the buffers that there are
  for (std::size_t i = 0; i < kCount; ++i) {
    const char c = static_cast<char>('a' + i % 26);
    behind.write(file, i * 2, filled(behind.buffer(), c, 4), i % 3 == 0 ? 4 : 0);
  }
  behind.drain();
  Bytes bytes(kCount * 2 + 2);
  file.read_at(0, bytes);
  for (std::size_t i = 0; i < kCount; ++i) {
    EXPECT_EQ(bytes[i * 2], static_cast<std::byte>('a' + i % 26)) << i;
  }
}

TEST(WriteBehind, GivesEmptyBuffersOfFullCapacity) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  WriteBehind behind;
  for (int i = 0; i < 30; ++i) {
    Bytes buffer = behind.buffer();
    EXPECT_TRUE(buffer.empty());
    EXPECT_GE(buffer.capacity(), WriteBehind::kBufferSize);
    behind.write(file, 0, filled(std::move(buffer), 'x', 1), 0);
  }
}

TEST(WriteBehind, TellsOfAFailureAtTheNextCallAndWritesNoMore) {
  const test::TemporaryDirectory directory;
  File::create_new(directory.path() / "a");
  File unwritable = File::open_read(directory.path() / "a");
  File file = File::create_new(directory.path() / "b");
  WriteBehind behind;
  behind.write(unwritable, 0, filled(behind.buffer(), 'x', 1), 0);
  expect_error(ErrorCode::kIo, "a: cannot write", [&] { behind.drain(); });
  expect_error(ErrorCode::kIo, "a: cannot write", [&] { behind.buffer(); });
  behind.write(file, 0, filled({}, 'x', 1), 0);
  expect_error(ErrorCode::kIo, "a: cannot write", [&] { behind.drain(); });
  EXPECT_EQ(file.size(), 0U);
}

TEST(WriteBehind, EndsWithoutHavingBeenDrained) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  WriteBehind behind;
  for (int i = 0; i < 5; ++i) {
    behind.write(file, 0, filled(behind.buffer(), 'x', WriteBehind::kBufferSize), 0);
  }
}

TEST(WriteBehind, DrainsWhatWasNeverBegun) {
  WriteBehind behind;
  behind.drain();
}

}  // namespace
}  // namespace cim
