// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/xxh3.h"

#include <gtest/gtest.h>

#include "colliding_bytes.h"

namespace cim {
namespace {

// The values are those of xxh128sum 0.8.1.
TEST(Xxh3, AgreesWithTheProgramAndStartsAnewAfterFinish) {
  Xxh3 hash;
  for (int round = 0; round < 2; ++round) {
    hash.update(as_bytes("a"));
    hash.update(as_bytes("bc"));
    EXPECT_EQ(to_hex(hash.finish()), "06b05ab6733a618578af5f94892f3950");
  }
  EXPECT_EQ(to_hex(Xxh3::of({})), "99aa06d3014798d86001c324468d497f");
}

TEST(Xxh3, HashesPiecesLikeTheWhole) {
  Bytes bytes;
  for (int i = 0; i < 5120; ++i) {
    bytes.push_back(static_cast<std::byte>(i));
  }
  Xxh3 hash;
  std::size_t piece = 1;
  for (ByteView rest = bytes; !rest.empty(); piece += 37) {
    const ByteView some = rest.first(std::min(piece, rest.size()));
    hash.update(some);
    rest = rest.subspan(some.size());
  }
  EXPECT_EQ(to_hex(hash.finish()), "87cf83cc9a055cf4f875f2fa2e99df80");
  EXPECT_EQ(to_hex(Xxh3::of(bytes)), "87cf83cc9a055cf4f875f2fa2e99df80");
}

TEST(CollidingBytes, DifferButHaveTheSameHash) {
  for (const std::size_t size : {std::size_t{300}, std::size_t{5000}}) {
    EXPECT_NE(test::colliding_bytes(size, 1), test::colliding_bytes(size, 2));
    EXPECT_EQ(Xxh3::of(test::colliding_bytes(size, 1)), Xxh3::of(test::colliding_bytes(size, 2)));
  }
}

}  // namespace
}  // namespace cim
