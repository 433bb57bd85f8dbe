// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "async/digest_behind.h"

#include <cstddef>
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "os/sha256.h"

namespace cim {
namespace {

using testing::IsEmpty;

Bytes object(std::size_t size) {
  return Bytes(size, std::byte(size % 251));
}

TEST(DigestBehind, ReturnsDigestsInTheOrderOfTheObjects) {
  DigestBehind digests;
  std::vector<Sha256Digest> expected;
  for (const std::size_t size : {0U, 1U, 4096U, 300'000U, 20'000'000U, 5U}) {
    const Bytes bytes = object(size);
    digests.update({bytes, nullptr});
    digests.finish();
    expected.push_back(Sha256::of(bytes));
  }
  EXPECT_EQ(digests.take(expected.size()), expected);
  EXPECT_THAT(digests.take(0), IsEmpty());
}

TEST(DigestBehind, AcceptsAnObjectInPiecesWithSeveralOwners) {
  DigestBehind digests;
  const Bytes whole = object(3'000'000);
  for (std::size_t begin = 0; begin < whole.size(); begin += 100'000) {
    const ByteView piece = ByteView(whole).subspan(begin, 100'000);
    const auto shared = std::make_shared<const Bytes>(piece.begin(), piece.end());
    digests.update({*shared, shared});
  }
  digests.finish();
  EXPECT_EQ(digests.take(1), std::vector{Sha256::of(whole)});
}

TEST(DigestBehind, ReleasesBuffersAfterHashing) {
  DigestBehind digests;
  auto shared = std::make_shared<const Bytes>(object(1'000'000));
  const std::weak_ptr<const Bytes> buffer = shared;
  digests.update({*shared, shared});
  shared.reset();
  digests.finish();
  digests.take(1);
  EXPECT_TRUE(buffer.expired());
}

TEST(DigestBehind, MayBeDestroyedWithPendingWork) {
  DigestBehind digests;
  digests.update({object(5'000'000), nullptr});
  digests.finish();
}

}  // namespace
}  // namespace cim
