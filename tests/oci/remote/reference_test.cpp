// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <string>

#include <gtest/gtest.h>

#include "cimlib/remote.h"

#include "expect_error.h"

namespace cim::oci {
namespace {

const std::string kImageDigest = "sha256:" + std::string(64, 'a');

TEST(Reference, HasTheDefaultsOfDocker) {
  EXPECT_EQ(Reference::parse("app"),
            (Reference{.registry = "docker.io", .repository = "library/app", .tag = "latest"}));
  EXPECT_EQ(Reference::parse("team/app:1.2").to_string(), "docker.io/team/app:1.2");
  EXPECT_EQ(Reference::parse("docker.io/app").repository, "library/app");
  EXPECT_EQ(Reference::parse("index.docker.io/app"), Reference::parse("app"));
  EXPECT_EQ(Reference::parse("registry.example/app").repository, "app");
}

TEST(Reference, TakesTheFirstPartForAHostOnlyIfItLooksLikeOne) {
  EXPECT_EQ(Reference::parse("localhost/app").registry, "localhost");
  EXPECT_EQ(Reference::parse("host:5000/a/b/c").registry, "host:5000");
  EXPECT_EQ(Reference::parse("Host/app").registry, "Host");
  EXPECT_EQ(Reference::parse("host/app").registry, "docker.io");
  EXPECT_EQ(Reference::parse("[::1]:5000/app:x").registry, "[::1]:5000");
  EXPECT_EQ(Reference::parse("127.0.0.1:5000/app").repository, "app");
}

TEST(Reference, HasATagADigestOrBoth) {
  const Reference both = Reference::parse("host:5000/app:1@" + kImageDigest);
  EXPECT_EQ(both.tag, "1");
  EXPECT_EQ(both.digest, kImageDigest);
  const Reference digest = Reference::parse("host:5000/app@" + kImageDigest);
  EXPECT_EQ(digest.tag, "");
  EXPECT_EQ(digest.to_string(), "host:5000/app@" + kImageDigest);
  EXPECT_EQ(Reference::parse("app:" + std::string(128, 'x')).tag.size(), 128U);
}

TEST(Reference, IsParsedAgainFromItsText) {
  for (const char* text : {"app", "a.b/c__d/e---f:T.a-g_", "localhost:1/a", "[::1]/a/b:c"}) {
    const Reference reference = Reference::parse(text);
    EXPECT_EQ(Reference::parse(reference.to_string()), reference) << text;
  }
}

TEST(Reference, RejectsEverythingElse) {
  for (const std::string& text : {std::string(),
                                  std::string("App"),
                                  std::string("a/"),
                                  std::string("/a"),
                                  std::string("a//b"),
                                  std::string("a..b"),
                                  std::string("a___b"),
                                  std::string("a._b"),
                                  std::string("-a"),
                                  std::string("a-"),
                                  std::string("a:"),
                                  std::string("a:-x"),
                                  std::string("a:b:c"),
                                  std::string("a b"),
                                  std::string("a@"),
                                  std::string("a@sha256:12"),
                                  std::string("a@sha512:") + std::string(128, 'a'),
                                  std::string("host:port/a"),
                                  std::string("host:/a"),
                                  std::string("-host.x/a"),
                                  std::string("host-.x/a"),
                                  std::string("[::1/a"),
                                  std::string("[x]/a"),
                                  std::string("a/../b"),
                                  std::string("host.x/a?b"),
                                  std::string("host.x/a#b"),
                                  std::string("user@host.x/a"),
                                  std::string("https://host.x/a"),
                                  std::string("a\nb"),
                                  std::string("a\0b", 3),
                                  std::string("host.x/%61"),
                                  std::string(64, 'a'),
                                  std::string("a:") + std::string(129, 'x'),
                                  std::string(256, 'a'),
                                  std::string("host:123456/a"),
                                  std::string("h..x/a")}) {
    test::expect_error(ErrorCode::kInvalidArgument, "is not an image reference",
                       [&] { (void)Reference::parse(text); });
  }
}

TEST(Reference, OfARepositoryHasNeitherTagNorDigest) {
  EXPECT_EQ(Reference::parse_repository("host:5000/a/b").to_string(), "host:5000/a/b");
  EXPECT_EQ(Reference::parse_repository("app").to_string(), "docker.io/library/app");
  for (const std::string& text : {std::string("a:1"), "a@" + kImageDigest}) {
    test::expect_error(ErrorCode::kInvalidArgument, "has a tag or digest",
                       [&] { (void)Reference::parse_repository(text); });
  }
}

}  // namespace
}  // namespace cim::oci
