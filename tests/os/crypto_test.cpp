// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/crypto.h"

#include <gtest/gtest.h>

namespace cim {
namespace {

// FIPS 180-2, appendix B.
TEST(Sha256, AgreesWithTheStandardAndStartsAnewAfterFinish) {
  Sha256 hash;
  for (int round = 0; round < 2; ++round) {
    hash.update(as_bytes("a"));
    hash.update(as_bytes("bc"));
    EXPECT_EQ(to_hex(hash.finish()),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
  EXPECT_EQ(to_hex(Sha256::of({})),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace cim
