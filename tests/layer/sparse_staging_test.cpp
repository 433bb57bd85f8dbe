// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/sparse_staging.h"

#include <gtest/gtest.h>

#include "temporary_directory.h"

namespace cim::layer {
namespace {

TEST(SparseStaging, LimitsTheNumberOfRanges) {
  SparseStaging staging("unused.cim");
  for (std::uint64_t i = 0; i < SparseStaging::kMaxRanges; ++i) {
    ASSERT_TRUE(staging.start_range(2 * i, 1, 0));
  }
  EXPECT_FALSE(staging.start_range(2 * SparseStaging::kMaxRanges, 1, 0));
  staging.clear();
  EXPECT_TRUE(staging.start_range(0, 1, 0));
}

TEST(SparseStaging, CountsRangesWithoutGapsAsOne) {
  SparseStaging staging("unused.cim");
  for (std::uint64_t i = 0; i <= SparseStaging::kMaxRanges; ++i) {
    ASSERT_TRUE(staging.start_range(i, 1, 0));
  }
  EXPECT_EQ(staging.data_size(), SparseStaging::kMaxRanges + 1);
}

TEST(SparseStaging, FindsTheRangeThatOverlapsAnEarlierOne) {
  SparseStaging staging("unused.cim");
  staging.start_range(10, 10, 1);
  staging.start_range(30, 10, 2);
  staging.start_range(20, 10, 3);
  EXPECT_EQ(staging.sort(), std::nullopt);
  staging.clear();
  staging.start_range(10, 10, 1);
  staging.start_range(30, 10, 2);
  staging.start_range(19, 1, 3);
  EXPECT_EQ(staging.sort(), 3U);
}

TEST(SparseStaging, HasAFileOnlyWhileItIsNeeded) {
  const test::TemporaryDirectory directory;
  SparseStaging staging(directory.path() / "x.cim");
  staging.start_range(10, 2, 0);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  staging.append(as_bytes("ab"));
  EXPECT_FALSE(std::filesystem::is_empty(directory.path()));
  staging.remove();
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

}  // namespace
}  // namespace cim::layer
