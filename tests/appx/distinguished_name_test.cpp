// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/distinguished_name.h"

#include <gtest/gtest.h>

namespace cim::appx {
namespace {

const DistinguishedName kSample = {{.type = "2.5.4.3", .value = "Contoso, Ltd"},
                                   {.type = "2.5.4.8", .value = "Washington"},
                                   {.type = "1.2.3.4", .value = "x", .joins_previous = true},
                                   {.type = "2.5.4.6", .value = ""}};

TEST(DistinguishedName, IsSpelledAsWindowsSpellsIt) {
  EXPECT_EQ(to_text(kSample), R"(CN="Contoso, Ltd", S=Washington + OID.1.2.3.4=x, C="")");
  EXPECT_EQ(to_text({{.type = "2.5.4.10", .value = R"(a "b" )"}}), R"(O="a ""b"" ")");
}

TEST(DistinguishedName, IsParsed) {
  EXPECT_EQ(parse_distinguished_name(to_text(kSample)), kSample);
  const DistinguishedName expected = {{.type = "2.5.4.3", .value = "A b"},
                                      {.type = "2.5.4.8", .value = "c"}};
  for (const std::string_view text :
       {"CN=A b, S=c", "cn=A b,ST=c", " CN = A b ; s=c ", R"(CN="A b",OID.2.5.4.8=c)"}) {
    EXPECT_EQ(parse_distinguished_name(text), expected) << text;
  }
}

TEST(DistinguishedName, RefusesOtherText) {
  for (const std::string_view text : {"", "CN", "CN=a,", "CN=a,b", "XX=a", "=a", R"(CN="a)",
                                      R"(CN="a"b)", "OID.=a", "OID.x=a", "CN=a, ,S=b"}) {
    EXPECT_FALSE(parse_distinguished_name(text)) << text;
    EXPECT_FALSE(is_same_distinguished_name(text, text)) << text;
  }
}

TEST(DistinguishedName, IsComparedWithOrderAndCase) {
  EXPECT_TRUE(is_same_distinguished_name("CN=A, S=B", R"(CN="A",ST=B)"));
  for (const std::string_view other :
       {"S=B, CN=A", "CN=a, S=B", "CN=A", "CN=A, S=B, C=US", "CN=A + S=B", "CN=A, L=B"}) {
    EXPECT_FALSE(is_same_distinguished_name("CN=A, S=B", other)) << other;
  }
}

}  // namespace
}  // namespace cim::appx
