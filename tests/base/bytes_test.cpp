// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/checked_math.h"
#include "base/endian.h"
#include "expect_error.h"

namespace cim {
namespace {

using test::expect_error;

TEST(LittleEndian, StoresTheLeastSignificantByteFirst) {
  Bytes bytes;
  append(bytes, Le32(0x04030201U));
  EXPECT_EQ(bytes, (Bytes{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}}));
}

TEST(ByteReader, ReadsStructuresOneAfterAnother) {
  Bytes bytes;
  append(bytes, Le16(7));
  append(bytes, Le64(0x1122334455667788U));
  ByteReader reader(bytes, "x");
  EXPECT_EQ(reader.read<Le16>("a"), 7);
  EXPECT_EQ(reader.read<Le64>("b"), 0x1122334455667788U);
  EXPECT_EQ(reader.remaining(), 0U);
}

TEST(ByteReader, NamesSourceOffsetAndStructureIfBytesAreMissing) {
  const Bytes bytes(6);
  ByteReader reader(bytes, "region_x_0", 100);
  reader.take(4, "head");
  expect_error(ErrorCode::kCorrupt,
               "region_x_0: at byte 104: count needs 4 bytes, but only 2 are left",
               [&] { reader.read<Le32>("count"); });
}

TEST(ByteReader, RefusesToSeekPastTheEnd) {
  const Bytes bytes(6);
  ByteReader reader(bytes, "x");
  reader.seek(6, "end");
  expect_error(ErrorCode::kCorrupt, "names is at 7, past the end at 6",
               [&] { reader.seek(7, "names"); });
}

TEST(CheckedMath, ReturnsNulloptIfAResultDoesNotFit) {
  constexpr std::uint64_t kMax = ~std::uint64_t{0};
  EXPECT_EQ(checked_add(kMax - 1, 1U), kMax);
  EXPECT_EQ(checked_add(kMax, 1U), std::nullopt);
  EXPECT_EQ(checked_multiply(kMax / 2, 2U), kMax - 1);
  EXPECT_EQ(checked_multiply(kMax / 2 + 1, 2U), std::nullopt);
  EXPECT_EQ(checked_align_up(4097, 4096), 8192U);
  EXPECT_EQ(checked_align_up(kMax - 1, 4096), std::nullopt);
}

TEST(CheckedMath, FitsWithinDoesNotWrap) {
  constexpr std::uint64_t kMax = ~std::uint64_t{0};
  EXPECT_TRUE(fits_within(10, 0, 10));
  EXPECT_FALSE(fits_within(11, 0, 10));
  EXPECT_FALSE(fits_within(1, kMax, 10));
}

}  // namespace
}  // namespace cim
