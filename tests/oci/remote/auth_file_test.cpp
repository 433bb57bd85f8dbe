// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/auth_file.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expect_error.h"

namespace cim::oci {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

AuthFile parse(const std::string& text) {
  return AuthFile(as_bytes(text), "auth.json");
}

std::string user_for(const AuthFile& file, const char* reference) {
  const auto found = file.find(Reference::parse(reference));
  return found ? found->user : "-";
}

TEST(AuthFile, HasLoginsOfRegistries) {
  // ann:pass:word, without a NUL that docker may append
  const auto file = parse(R"({"auths": {"host.x:5000": {"auth": "YW5uOnBhc3M6d29yZAA="}}})");
  const auto found = file.find(Reference::parse("host.x:5000/a/b"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->user, "ann");
  EXPECT_EQ(found->password, "pass:word");
  EXPECT_EQ(user_for(file, "host.x/a"), "-");
  EXPECT_EQ(user_for(file, "other.x:5000/a"), "-");
}

TEST(AuthFile, PrefersTheClosestNamespace) {
  const auto file = parse(R"({"auths": {"host.x": {"auth": "YTph"}, "host.x/team": {"auth": "Yjpi"},
                                        "host.x/team/app": {"auth": "Yzpj"}}})");
  EXPECT_EQ(user_for(file, "host.x/team/app"), "c");
  EXPECT_EQ(user_for(file, "host.x/team/other"), "b");
  EXPECT_EQ(user_for(file, "host.x/teams/app"), "a");
}

TEST(AuthFile, KnowsTheNamesOfDockersRegistry) {
  const auto file = parse(R"({"auths": {"https://index.docker.io/v1/": {"auth": "YTph"}}})");
  EXPECT_EQ(user_for(file, "app"), "a");
  EXPECT_EQ(user_for(file, "host.x/app"), "-");
  EXPECT_EQ(user_for(parse(R"({"auths": {"https://host.x": {"auth": "YTph"}}})"), "host.x/a"), "a");
}

TEST(AuthFile, HasIdentityTokens) {
  const auto file =
      parse(R"({"auths": {"host.x": {"auth": "YTo=", "identitytoken": "token"}, "empty.x": {}}})");
  EXPECT_EQ(file.find(Reference::parse("host.x/a"))->identity_token, "token");
  EXPECT_FALSE(file.find(Reference::parse("empty.x/a")));
}

TEST(AuthFile, NamesHelpers) {
  const auto file = parse(R"({"credsStore": "all", "credHelpers": {"host.x": "one"}})");
  EXPECT_THAT(file.helpers(Reference::parse("host.x/a")),
              ElementsAre(AuthFile::Helper{"one", "host.x"}, AuthFile::Helper{"all", "host.x"}));
  EXPECT_THAT(file.helpers(Reference::parse("app")),
              ElementsAre(AuthFile::Helper{"all", "https://index.docker.io/v1/"}));
  EXPECT_THAT(parse("{}").helpers(Reference::parse("app")), IsEmpty());
}

TEST(AuthFile, RejectsDamageWithoutShowingIt) {
  for (const char* text :
       {"", "[]", "{", R"({"auths": {"x.y": {"auth": "%%secret"}}})",
        R"({"auths": {"x.y": {"auth": "c2VjcmV0"}}})", R"({"credsStore": "../secret"})",
        R"({"credHelpers": {"x.y": "a;b"}})"}) {
    try {
      parse(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCorrupt) << text;
      EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("secret")));
    }
  }
}

TEST(HelperAnswer, IsALoginOrAToken) {
  const std::string login = R"({"ServerURL": "x", "Username": "ann", "Secret": "word"})";
  EXPECT_EQ(parse_helper_answer(as_bytes(login), "helper").password, "word");
  const std::string token = R"({"Username": "<token>", "Secret": "word"})";
  EXPECT_EQ(parse_helper_answer(as_bytes(token), "helper").identity_token, "word");
  test::expect_error(ErrorCode::kCorrupt, "has no secret", [] {
    (void)parse_helper_answer(as_bytes(R"({"Username": "ann"})"), "helper");
  });
}

}  // namespace
}  // namespace cim::oci
