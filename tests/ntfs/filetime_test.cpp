// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/filetime.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace cim {
namespace {

constexpr std::uint64_t kMaxTicks = std::numeric_limits<std::uint64_t>::max();

TEST(FileTime, ConvertsFromAndToUnixTime) {
  EXPECT_EQ(FileTime::from_unix({1'600'000'000, 123'456'700}), FileTime{132'444'736'001'234'567});
  EXPECT_EQ(FileTime{132'444'736'001'234'567}.to_unix(), (UnixTime{1'600'000'000, 123'456'700}));
  EXPECT_EQ(FileTime::from_unix({0, 0}), FileTime{116'444'736'000'000'000});
}

TEST(FileTime, RoundsTowards1970) {
  EXPECT_EQ(FileTime::from_unix({0, 199}), FileTime{116'444'736'000'000'001});
  // -0.000000150 s and -0.000000050 s.
  EXPECT_EQ(FileTime::from_unix({-1, 999'999'850}), FileTime{116'444'735'999'999'999});
  EXPECT_EQ(FileTime::from_unix({-1, 999'999'950}), FileTime{116'444'736'000'000'000});
  // -1.5 s is a whole number of ticks.
  EXPECT_EQ(FileTime::from_unix({-2, 500'000'000}), FileTime{116'444'735'985'000'000});
}

// Nanoseconds in 64 bits would wrap before 1677 and after 2262.
TEST(FileTime, IsExactAtBothEnds) {
  EXPECT_EQ(FileTime{0}.to_unix(), (UnixTime{-11'644'473'600, 0}));
  EXPECT_EQ(FileTime::from_unix({-11'644'473'600, 0}), FileTime{0});
  EXPECT_EQ(FileTime{kMaxTicks}.to_unix(), (UnixTime{1'833'029'933'770, 955'161'500}));
  EXPECT_EQ(FileTime::from_unix({1'833'029'933'770, 955'161'599}), FileTime{kMaxTicks});
}

TEST(FileTime, RefusesTimesOutOfRange) {
  EXPECT_EQ(FileTime::from_unix({-11'644'473'601, 999'999'999}), std::nullopt);
  EXPECT_EQ(FileTime::from_unix({1'833'029'933'770, 955'161'600}), std::nullopt);
  EXPECT_EQ(FileTime::from_unix({1'833'029'933'771, 0}), std::nullopt);
  EXPECT_EQ(FileTime::from_unix({std::numeric_limits<std::int64_t>::max(), 0}), std::nullopt);
  EXPECT_EQ(FileTime::from_unix({std::numeric_limits<std::int64_t>::min(), 0}), std::nullopt);
  EXPECT_EQ(FileTime::from_unix({0, 1'000'000'000}), std::nullopt);
}

TEST(FileTime, RoundTripsEveryValue) {
  std::mt19937_64 random(20260101);
  for (int i = 0; i < 100'000; ++i) {
    const FileTime time{random() >> (random() % 64)};
    EXPECT_EQ(FileTime::from_unix(time.to_unix()), time);
  }
}

TEST(FileTime, PrintsDateTimeAndSevenDigits) {
  EXPECT_EQ(FileTime{132'444'736'001'234'567}.to_string(), "2020-09-13T12:26:40.1234567Z");
  EXPECT_EQ(FileTime{0}.to_string(), "1601-01-01T00:00:00.0000000Z");
  EXPECT_EQ(FileTime{48'491'090'211'286'549}.to_string(), "1754-08-30T22:43:41.1286549Z");
  EXPECT_EQ(FileTime{kMaxTicks}.to_string(), "60056-05-28T05:36:10.9551615Z");
}

TEST(FileTime, PrintsTheDaysAroundALeapDay) {
  EXPECT_EQ(FileTime::from_unix({951'782'400, 0})->to_string(), "2000-02-29T00:00:00.0000000Z");
  EXPECT_EQ(FileTime::from_unix({951'868'799, 0})->to_string(), "2000-02-29T23:59:59.0000000Z");
  EXPECT_EQ(FileTime::from_unix({978'307'199, 0})->to_string(), "2000-12-31T23:59:59.0000000Z");
  EXPECT_EQ(FileTime::from_unix({978'307'200, 0})->to_string(), "2001-01-01T00:00:00.0000000Z");
}

TEST(FileTime, NowIsAfterThisWasWritten) {
  EXPECT_GT(FileTime::now().to_string(), "2024-01-01");
}

}  // namespace
}  // namespace cim
