// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "async/incremental_flush.h"

#include <array>

#include <gtest/gtest.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;

TEST(IncrementalFlush, RunsWhileTheFileIsWritten) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  IncrementalFlush behind;
  for (std::uint64_t i = 0; i < 100; ++i) {
    file.write_at(i, as_bytes("x"));
    behind.sync(file);
  }
  behind.drain();
  EXPECT_EQ(file.size(), 100U);
}

TEST(IncrementalFlush, DrainsWithoutAnyFlush) {
  IncrementalFlush behind;
  behind.drain();
}

TEST(IncrementalFlush, MayBeDestroyedWithoutDrain) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  IncrementalFlush behind;
  behind.sync(file);
}

// The system reports a failure once: a later sync would succeed.
TEST(IncrementalFlush, ThrowsAFailureAtEveryLaterCall) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  File pipe = File::adopt(ends[0], "a pipe");
  const File other_end = File::adopt(ends[1], "its other end");
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  IncrementalFlush behind;
  behind.sync(pipe);
  expect_error(ErrorCode::kInvalidArgument, "a pipe: cannot flush", [&] { behind.drain(); });
  expect_error(ErrorCode::kInvalidArgument, "a pipe: cannot flush", [&] { behind.sync(file); });
  expect_error(ErrorCode::kInvalidArgument, "a pipe: cannot flush", [&] { behind.drain(); });
}

}  // namespace
}  // namespace cim
