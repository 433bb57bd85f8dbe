// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/seeded_hash.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cim {
namespace {

// Returns how many of 4,096 keys share a bucket of 4,096 with an earlier key.
template <typename KeyOf>
std::size_t count_collisions(KeyOf key_of) {
  constexpr std::size_t kSlots = 4096;
  std::vector<bool> is_taken(kSlots);
  std::size_t collisions = 0;
  for (std::uint64_t i = 0; i < kSlots; ++i) {
    const std::size_t slot = SeededHash()(key_of(i)) % kSlots;
    collisions += is_taken[slot] ? 1U : 0U;
    is_taken[slot] = true;
  }
  return collisions;
}

// By chance it is 4,096 / e = 1,507, within some 30.
constexpr std::size_t kMostByChance = 1800;

TEST(SeededHash, SpreadsSimilarNumbers) {
  for (unsigned shift = 0; shift <= 48; ++shift) {
    EXPECT_LT(count_collisions([=](std::uint64_t i) { return i << shift; }), kMostByChance)
        << shift;
  }
}

TEST(SeededHash, SpreadsTextsThatDifferInOneWord) {
  for (const std::size_t before : {0U, 7U, 8U, 1000U}) {
    EXPECT_LT(count_collisions([=](std::uint64_t i) {
                return std::string(before, 'a') + std::to_string(i) + std::string(20, 'b');
              }),
              kMostByChance)
        << before;
  }
}

TEST(SeededHash, DistinguishesTextsOfZeros) {
  SeededSet<std::string> texts;
  std::vector<std::size_t> hashes;
  for (std::size_t size = 0; size < 64; ++size) {
    texts.insert(std::string(size, '\0'));
    hashes.push_back(SeededHash()(std::string(size, '\0')));
  }
  EXPECT_EQ(texts.size(), 64U);
  EXPECT_EQ(SeededSet<std::size_t>(hashes.begin(), hashes.end()).size(), 64U);
}

}  // namespace
}  // namespace cim
