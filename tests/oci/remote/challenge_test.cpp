// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/challenge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cim::oci {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Challenges, HaveASchemeAndParameters) {
  EXPECT_THAT(parse_challenges(R"(Bearer realm="https://auth.example/token",service="registry",)"
                               R"(scope="repository:a/b:pull,push")"),
              ElementsAre(Challenge{.scheme = "bearer",
                                    .parameters = {{"realm", "https://auth.example/token"},
                                                   {"service", "registry"},
                                                   {"scope", "repository:a/b:pull,push"}}}));
}

TEST(Challenges, AreSeparatedByCommasAsTheirParametersAre) {
  const auto found = parse_challenges(R"(Basic realm="a, b" , Negotiate, NTLM YWJj==,Bearer  x=y)");
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].parameter("realm"), "a, b");
  EXPECT_EQ(found[1].scheme, "negotiate");
  EXPECT_EQ(found[2].scheme, "ntlm");
  EXPECT_THAT(found[2].parameters, IsEmpty());
  EXPECT_EQ(found[3].parameter("x"), "y");
}

TEST(Challenges, IgnoreCaseAndUndoQuoting) {
  const auto found = parse_challenges(R"(BEARER Realm = "a\"b\\c")");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].scheme, "bearer");
  EXPECT_EQ(found[0].parameter("realm"), R"(a"b\c)");
  EXPECT_EQ(found[0].parameter("service"), "");
}

TEST(Challenges, WithErrorsAreDropped) {
  EXPECT_THAT(parse_challenges(""), IsEmpty());
  EXPECT_THAT(parse_challenges(" , ,"), IsEmpty());
  EXPECT_THAT(parse_challenges(R"(realm="x")"), IsEmpty());
  EXPECT_THAT(parse_challenges(R"(Bearer realm="x)"), IsEmpty());
  EXPECT_THAT(parse_challenges(R"(Bearer realm="x\)"), IsEmpty());
  EXPECT_THAT(parse_challenges(R"(Bearer realm="x" y="z")"), IsEmpty());
  EXPECT_THAT(parse_challenges(R"(Bearer realm="x",realm="y")"), IsEmpty());
  EXPECT_THAT(parse_challenges("Bearer {x}"), IsEmpty());
  EXPECT_EQ(parse_challenges(R"(Basic realm="a", Bearer realm=")").size(), 1U);
}

TEST(Challenges, AreLimitedInNumber) {
  std::string many;
  for (int i = 0; i < 1000; ++i) {
    many += "Scheme,";
  }
  EXPECT_LE(parse_challenges(many).size(), 16U);
}

}  // namespace
}  // namespace cim::oci
