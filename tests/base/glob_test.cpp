// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/glob.h"

#include <gtest/gtest.h>

#include "base/utf16.h"
#include "expect_error.h"

namespace cim {
namespace {

using test::expect_error;

bool matches(std::string_view pattern, std::string_view name) {
  return Glob(pattern).matches(to_utf16(name).value());
}

bool matches_path(std::string_view pattern, const std::vector<std::u16string>& names) {
  return Glob(pattern).matches(names);
}

TEST(Glob, ComparesNamesIgnoringCase) {
  EXPECT_TRUE(matches("System32", "SYSTEM32"));
  EXPECT_TRUE(matches("\u00e4\u044f", "\u00c4\u042f"));
  EXPECT_FALSE(matches("System32", "System"));
  EXPECT_FALSE(matches("System", "System32"));
  EXPECT_FALSE(matches("\u00df", "SS"));
}

TEST(Glob, AsteriskStandsForAnyCharacters) {
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*.dll", ".dll"));
  EXPECT_TRUE(matches("*.dll", "a.dll.dll"));
  EXPECT_TRUE(matches("a*b*c", "a-b-b-c-c"));
  EXPECT_FALSE(matches("a*b*c", "a-c-b"));
  EXPECT_TRUE(matches("**a", "bba"));
  EXPECT_FALSE(matches("*.dll", "a.dl"));
}

TEST(Glob, QuestionMarkStandsForOneCharacter) {
  EXPECT_TRUE(matches("a?c", "abc"));
  EXPECT_FALSE(matches("a?c", "ac"));
  EXPECT_TRUE(matches("?", "\U0001f600"));
  EXPECT_FALSE(matches("??", "\U0001f600"));
  EXPECT_TRUE(matches("*?", "\U0001f600"));
  EXPECT_TRUE(Glob("?").matches(std::u16string_view(u"\xd83d")));
}

TEST(Glob, ListStandsForOneOfItsCharacters) {
  EXPECT_TRUE(matches("[abc]", "B"));
  EXPECT_TRUE(matches("[a-z]x", "Qx"));
  EXPECT_TRUE(matches("[A-Z]x", "qx"));
  EXPECT_FALSE(matches("[a-c]", "d"));
  EXPECT_TRUE(matches("[!a-c]", "d"));
  EXPECT_FALSE(matches("[^a-c]", "B"));
  EXPECT_TRUE(matches("[]]", "]"));
  EXPECT_FALSE(matches("[!]]", "]"));
  EXPECT_TRUE(matches("[a-]", "-"));
  EXPECT_TRUE(matches("[-a]", "-"));
  EXPECT_TRUE(matches("[*]", "*"));
  EXPECT_FALSE(matches("[*]", "a"));
  EXPECT_TRUE(matches("[\U0001f600-\U0001f64f]", "\U0001f610"));
  EXPECT_FALSE(matches("[a]", ""));
}

TEST(Glob, SeparatesNames) {
  EXPECT_TRUE(matches_path("Files/*/config", {u"files", u"windows", u"config"}));
  EXPECT_TRUE(matches_path("\\Files\\\\config/", {u"Files", u"config"}));
  EXPECT_FALSE(matches_path("Files/*", {u"Files"}));
  EXPECT_FALSE(matches_path("Files/*", {u"Files", u"a", u"b"}));
  EXPECT_TRUE(matches_path("", {}));
  EXPECT_FALSE(matches_path("", {u"a"}));
  EXPECT_TRUE(Glob("text/plain", "\\").matches(u"text/plain"));
  EXPECT_TRUE(Glob("c:\\*", "").matches(u"C:\\Windows\\x"));
}

TEST(Glob, TwoAsterisksStandForAnyNames) {
  EXPECT_TRUE(matches_path("**", {}));
  EXPECT_TRUE(matches_path("**", {u"a", u"b"}));
  EXPECT_TRUE(matches_path("**/b", {u"b"}));
  EXPECT_TRUE(matches_path("**/b", {u"a", u"b", u"b"}));
  EXPECT_FALSE(matches_path("**/b", {u"b", u"c"}));
  EXPECT_TRUE(matches_path("a/**/b/**/c", {u"a", u"x", u"b", u"c"}));
  EXPECT_TRUE(matches_path("a/**/**/c", {u"a", u"c"}));
  EXPECT_FALSE(matches_path("a/**/b/**/c", {u"a", u"c", u"b"}));
  EXPECT_TRUE(matches_path("a/**", {u"a"}));
  EXPECT_EQ(Glob("a/**/**/c").size(), 3U);
}

TEST(Glob, StateSaysWhatMayMatchBelow) {
  const GlobState start = Glob("a/b*/c").start();
  EXPECT_FALSE(start.is_match());
  EXPECT_TRUE(start.may_match_below());
  EXPECT_FALSE(start.enter(u"x").may_match_below());
  const GlobState second = start.enter(u"A").enter(u"bb");
  EXPECT_FALSE(second.is_match());
  EXPECT_TRUE(second.may_match_below());
  const GlobState end = second.enter(u"c");
  EXPECT_TRUE(end.is_match());
  EXPECT_FALSE(end.may_match_below());
  const GlobState all = Glob("a/**").start().enter(u"a");
  EXPECT_TRUE(all.is_match());
  EXPECT_TRUE(all.may_match_below());
}

TEST(Glob, RefusesWhatIsNotAPattern) {
  expect_error(ErrorCode::kInvalidArgument, "'[' at position 2 has no ']'",
               [] { Glob glob("a[bc"); });
  expect_error(ErrorCode::kInvalidArgument, "has no ']'", [] { Glob glob("a[b/]"); });
  expect_error(ErrorCode::kInvalidArgument, "has no ']'", [] { Glob glob("[]"); });
  expect_error(ErrorCode::kInvalidArgument, "ends before it begins", [] { Glob glob("[z-a]"); });
  expect_error(ErrorCode::kInvalidArgument, "UTF-8", [] { Glob glob("a\xff"); });
}

}  // namespace
}  // namespace cim
