// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/read_ahead.h"

#include <atomic>
#include <string>

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "expect_error.h"

namespace cim::tar {
namespace {

using test::expect_error;

/// Returns the runs "0", "1", ... and then, depending on `end`, ends, fails or waits until stopped.
class CountingSource final : public Source {
 public:
  enum class End { kEnds, kFails, kWaits };

  CountingSource(int count, End end, std::stop_token stop = {})
      : Source("numbers"), count_(count), end_(end), stop_(std::move(stop)) {}

  ByteView next() override {
    if (at_ < count_) {
      text_ = std::to_string(at_++);
      return as_bytes(text_);
    }
    while (end_ == End::kWaits && !stop_.stop_requested()) {
      std::this_thread::yield();
    }
    if (end_ != End::kEnds) {
      throw Error(ErrorCode::kIo, name(), "no more");
    }
    return {};
  }

 private:
  int count_;
  End end_;
  std::stop_token stop_;
  std::string text_;
  std::atomic<int> at_ = 0;
};

using End = CountingSource::End;

void expect_numbers(ReadAhead& ahead, int count) {
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(as_text(ahead.next()), std::to_string(i));
  }
}

TEST(ReadAhead, ReturnsTheRunsOfItsSourceInOrder) {
  CountingSource numbers(1000, End::kEnds);
  ReadAhead ahead(numbers, {});
  EXPECT_EQ(ahead.name(), "numbers");
  expect_numbers(ahead, 1000);
  EXPECT_TRUE(ahead.next().empty());
  EXPECT_TRUE(ahead.next().empty());
}

TEST(ReadAhead, FailsWhereItsSourceFails) {
  CountingSource numbers(2, End::kFails);
  ReadAhead ahead(numbers, {});
  expect_numbers(ahead, 2);
  expect_error(ErrorCode::kIo, "no more", [&] { ahead.next(); });
  expect_error(ErrorCode::kIo, "no more", [&] { ahead.next(); });
}

TEST(ReadAhead, MayBeDestroyedBeforeTheEnd) {
  CountingSource numbers(1000, End::kEnds);
  ReadAhead ahead(numbers, {});
  expect_numbers(ahead, 1);
}

TEST(ReadAhead, MayBeDestroyedWhileItsSourceWaits) {
  std::stop_source stop;
  CountingSource numbers(1, End::kWaits, stop.get_token());
  ReadAhead ahead(numbers, stop);
  expect_numbers(ahead, 1);
}

}  // namespace
}  // namespace cim::tar
