// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/guid.h"

#include <gtest/gtest.h>

namespace cim {
namespace {

TEST(Guid, ConvertsToTextAndToTheMixedEndianLayout) {
  const auto guid = Guid::parse("{00112233-4455-6677-8899-AABBCCDDEEFF}");
  ASSERT_TRUE(guid);
  EXPECT_EQ(guid->to_string(), "00112233-4455-6677-8899-aabbccddeeff");
  const auto windows = guid->to_mixed_endian();
  EXPECT_EQ(windows[0], std::byte{0x33});
  EXPECT_EQ(windows[4], std::byte{0x55});
  EXPECT_EQ(windows[6], std::byte{0x77});
  EXPECT_EQ(windows[8], std::byte{0x88});
  EXPECT_EQ(Guid::from_mixed_endian(windows), *guid);
}

TEST(Guid, RefusesOtherText) {
  for (const char* const text :
       {"", "00112233-4455-6677-8899-aabbccddeef", "00112233x4455-6677-8899-aabbccddeeff",
        "0011223g-4455-6677-8899-aabbccddeeff", "{00112233-4455-6677-8899-aabbccddeeff"}) {
    EXPECT_FALSE(Guid::parse(text)) << text;
  }
}

// RFC 4122 appendix B, as corrected by erratum 1352: www.example.com in the DNS namespace.
TEST(Guid, NamedMatchesTheExampleOfTheRfc) {
  const auto dns = Guid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  ASSERT_TRUE(dns);
  EXPECT_EQ(Guid::named(*dns, "www.example.com").to_string(),
            "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(Guid, RandomGuidsDifferAndHaveVersion4) {
  const Guid a = Guid::random();
  EXPECT_NE(a, Guid::random());
  EXPECT_EQ(a.to_string()[14], '4');
}

}  // namespace
}  // namespace cim
