// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The measure itself: it must find work that grows with the square, also where that work is a small
// part, and accept n log n.

#include <algorithm>
#include <random>

#include <gtest/gtest.h>
#include <valgrind/valgrind.h>

#include "scaling/measure.h"

namespace cim::test {
namespace {

volatile std::size_t sink;

// Takes a few instructions per unit, which the compiler can't remove.
void spend(std::size_t units) {
  for (std::size_t i = 0; i < units; ++i) {
    sink = i;
  }
}

class Measure : public testing::Test {
 protected:
  void SetUp() override {
    if (RUNNING_ON_VALGRIND == 0) {
      GTEST_SKIP() << "only callgrind counts instructions";
    }
  }

  static void TearDownTestSuite() { stop_counting(); }

  static bool accepts(std::size_t count, const std::function<void(std::size_t)>& work) {
    const Countable countable = {"", count, [work](std::size_t n) { return [=] { work(n); }; }};
    return Measurement(countable).costs().are_in_proportion();
  }
};

TEST_F(Measure, AcceptsProportionalWork) {
  EXPECT_TRUE(accepts(100, [](std::size_t n) { spend(1000 + 10 * n); }));
}

TEST_F(Measure, AcceptsSorting) {
  EXPECT_TRUE(accepts(300, [](std::size_t n) {
    std::minstd_rand random(1);
    std::vector<std::uint32_t> numbers(n);
    std::ranges::generate(numbers, random);
    std::ranges::sort(numbers);
  }));
}

TEST_F(Measure, FindsQuadraticWork) {
  EXPECT_FALSE(accepts(20, [](std::size_t n) { spend(n * n); }));
}

TEST_F(Measure, FindsOneLookAtEachOtherThingAmongMoreWork) {
  EXPECT_FALSE(accepts(100, [](std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      spend(1000 + n);
    }
  }));
}

TEST_F(Measure, FindsQuadraticWorkBehindWhatAnyInputCosts) {
  EXPECT_FALSE(accepts(200, [](std::size_t n) { spend(1'000'000 + n * n); }));
}

TEST_F(Measure, FindsQuadraticWorkBehindWhatAProcessDoesOnce) {
  bool is_first = true;
  EXPECT_FALSE(accepts(50, [&is_first](std::size_t n) {
    spend((std::exchange(is_first, false) ? 1'000'000 : 0) + n * n);
  }));
}

TEST_F(Measure, RejectsWorkThatIsNotDone) {
  EXPECT_FALSE(accepts(50, [](std::size_t n) { spend(n == 0 ? 10'000 : 0); }));
}

}  // namespace
}  // namespace cim::test
