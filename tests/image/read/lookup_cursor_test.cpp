// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/lookup_cursor.h"

#include <gtest/gtest.h>

namespace cim {
namespace {

ImagePath path(const char* text) {
  return ImagePath::parse(text);
}

LookupCursor trail_of_a_b_c() {
  LookupCursor trail(1);
  trail.push(u"a", 10);
  trail.push(u"b", 20);
  trail.push(u"c", 30);
  return trail;
}

TEST(LookupCursor, StartsAtTheRoot) {
  LookupCursor trail(7);
  EXPECT_EQ(trail.seek(path("a/b"), 2), 0U);
  EXPECT_EQ(trail.last(), 7U);
}

TEST(LookupCursor, KeepsTheCommonBeginning) {
  LookupCursor trail = trail_of_a_b_c();
  EXPECT_EQ(trail.seek(path("a/b/other/c"), 4), 2U);
  EXPECT_EQ(trail.last(), 20U);
  EXPECT_EQ(trail.ids(), (std::vector<FileId>{1, 10, 20}));
}

TEST(LookupCursor, KeepsOnlyTheRequestedNames) {
  LookupCursor trail = trail_of_a_b_c();
  EXPECT_EQ(trail.seek(path("a/b/c"), 2), 2U);
  EXPECT_EQ(trail.seek(path("a/b/c"), 3), 2U);
}

TEST(LookupCursor, EndsWithThePath) {
  LookupCursor trail = trail_of_a_b_c();
  EXPECT_EQ(trail.seek(path("a"), 1), 1U);
  EXPECT_EQ(trail.last(), 10U);
  EXPECT_EQ(trail.seek(path("/"), 0), 0U);
  EXPECT_EQ(trail.last(), 1U);
}

// The cursor doesn't decide which names are equal ignoring case.
TEST(LookupCursor, ComparesNamesIncludingCase) {
  LookupCursor trail = trail_of_a_b_c();
  EXPECT_EQ(trail.seek(path("a/B/c"), 3), 1U);
}

}  // namespace
}  // namespace cim
