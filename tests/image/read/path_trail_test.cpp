// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/path_trail.h"

#include <gtest/gtest.h>

namespace cim {
namespace {

ImagePath path(const char* text) {
  return ImagePath::parse(text);
}

PathTrail trail_of_a_b_c() {
  PathTrail trail(1);
  trail.go_on(u"a", 10);
  trail.go_on(u"b", 20);
  trail.go_on(u"c", 30);
  return trail;
}

TEST(PathTrail, StartsAtTheRoot) {
  PathTrail trail(7);
  EXPECT_EQ(trail.turn_to(path("a/b"), 2), 0U);
  EXPECT_EQ(trail.last(), 7U);
}

TEST(PathTrail, KeepsTheNamesThatAPathBeginsWith) {
  PathTrail trail = trail_of_a_b_c();
  EXPECT_EQ(trail.turn_to(path("a/b/other/c"), 4), 2U);
  EXPECT_EQ(trail.last(), 20U);
  EXPECT_EQ(trail.ids(), (std::vector<FileId>{1, 10, 20}));
}

TEST(PathTrail, KeepsNothingPastTheNamesThatAreAskedFor) {
  PathTrail trail = trail_of_a_b_c();
  EXPECT_EQ(trail.turn_to(path("a/b/c"), 2), 2U);
  EXPECT_EQ(trail.turn_to(path("a/b/c"), 3), 2U);
}

TEST(PathTrail, EndsWhereAPathDoes) {
  PathTrail trail = trail_of_a_b_c();
  EXPECT_EQ(trail.turn_to(path("a"), 1), 1U);
  EXPECT_EQ(trail.last(), 10U);
  EXPECT_EQ(trail.turn_to(path("/"), 0), 0U);
  EXPECT_EQ(trail.last(), 1U);
}

// Which names are the same but for letter case is not its business.
TEST(PathTrail, ComparesNamesAsTheyAreWritten) {
  PathTrail trail = trail_of_a_b_c();
  EXPECT_EQ(trail.turn_to(path("a/B/c"), 3), 1U);
}

}  // namespace
}  // namespace cim
