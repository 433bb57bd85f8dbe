// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/digest.h"

#include <gtest/gtest.h>

namespace cim::oci {
namespace {

const std::string kDigits(64, 'a');

TEST(Digest, IsSha256InCanonicalSpelling) {
  EXPECT_EQ(Digest::parse("sha256:" + kDigits).value().hex(), kDigits);
  EXPECT_EQ(Digest::parse("sha256:" + kDigits).value().text(), "sha256:" + kDigits);
  for (const std::string& wrong :
       {kDigits, "sha256:" + kDigits + "a", "sha256:" + kDigits.substr(1),
        "sha256:" + std::string(64, 'A'), "sha256:../" + std::string(61, 'a'), "sha512:" + kDigits,
        "SHA256:" + kDigits, std::string()}) {
    EXPECT_FALSE(Digest::parse(wrong).has_value()) << wrong;
  }
}

// Computed with sha256sum.
TEST(Digest, ComputesChainIdsFromDiffIds) {
  const Digest a = Digest::parse("sha256:" + std::string(64, '1')).value();
  const Digest b = Digest::parse("sha256:" + std::string(64, '2')).value();
  const std::vector<Digest> chain = chain_ids({a, b, a});
  ASSERT_EQ(chain.size(), 3U);
  EXPECT_EQ(chain[0], a);
  EXPECT_EQ(chain[1].hex(), "9932074217c35353d2e03a3f5a86549f7c67bfeb0ba53e23d69f4d4c8f7958f5");
  EXPECT_EQ(chain[2].hex(), "cc68b5999b6e49875d65ff354334e05c43e65a3921cab7ff95f6385e3390e63a");
  EXPECT_TRUE(chain_ids({}).empty());
}

}  // namespace
}  // namespace cim::oci
