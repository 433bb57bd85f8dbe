// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/entry_path.h"

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "base/utf16.h"
#include "expect_error.h"

namespace cim::tar {
namespace {

using namespace std::string_view_literals;
using test::expect_error;
using Kind = EntryPath::Kind;

std::string joined(const Names& names) {
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "" : "|") + to_wtf8(name);
  }
  return text;
}

/// "a|b", "a|b:stream", "a|b gone", "a|* gone".
std::string parsed(std::string_view text) {
  const EntryPath path = parse_entry_path(text);
  const std::string names = joined(path.names);
  switch (path.kind) {
    case Kind::kPlain:
      return names;
    case Kind::kStream:
      return names + ":" + to_wtf8(path.stream);
    case Kind::kWhiteout:
      return names + " gone";
    case Kind::kOpaqueMarker:
      return names + "|* gone";
  }
  return {};
}

void expect_refusal(std::string_view words, std::string_view text,
                    ErrorCode code = ErrorCode::kCorrupt) {
  SCOPED_TRACE(text);
  expect_error(code, words, [&] { parse_entry_path(text); });
}

TEST(EntryPath, SplitsAtBothSeparators) {
  EXPECT_EQ(parsed("Files/a\\b/c"), "Files|a|b|c");
  EXPECT_EQ(parsed("Files"), "Files");
}

TEST(EntryPath, DropsEmptyNamesAndDots) {
  EXPECT_EQ(parsed("./Files//a/./b/"), "Files|a|b");
  EXPECT_EQ(parsed("Files/a\\"), "Files|a");
  EXPECT_EQ(parsed("./"), "");
  EXPECT_EQ(parsed(""), "");
  EXPECT_EQ(parsed("Files/..a/b../..."), "Files|..a|b..|...");
}

TEST(EntryPath, KeepsEveryUnicodeName) {
  EXPECT_EQ(parsed("Files/\u00e9\u20ac\U0001F600"), "Files|\u00e9\u20ac\U0001F600");
  EXPECT_EQ(parsed("Files/\xED\xA0\x80"), "Files|\xED\xA0\x80");  // a lone surrogate
}

TEST(EntryPath, KeepsAndIgnoresTheCaseOfTheFirstName) {
  EXPECT_EQ(parsed("FILES/a"), "FILES|a");
  EXPECT_EQ(parsed("hives/SYSTEM_DELTA"), "hives|SYSTEM_DELTA");
  EXPECT_EQ(parsed("UtilityVM/Files"), "UtilityVM|Files");
}

TEST(EntryPath, RefusesOtherFirstNames) {
  for (const char* const text : {"a", "File/a", "Files2/a", "etc/passwd", ".wh.Files"}) {
    expect_refusal("not below Files, Hives or UtilityVM", text);
  }
}

TEST(EntryPath, RefusesDotDot) {
  for (const char* const text : {"..", "Files/..", "Files/../a", "Files\\..\\a", "../Files/a",
                                 "Files/a/..", "Files/../.wh.a"}) {
    expect_refusal("a path that contains \"..\"", text);
  }
}

TEST(EntryPath, RefusesAbsolutePaths) {
  for (const char* const text : {"/Files/a", "\\Files\\a", "\\\\server\\share", "//Files",
                                 "C:/Files", "c:\\Files", "C:Files", "/"}) {
    expect_refusal("an absolute path", text);
  }
}

TEST(EntryPath, RefusesInvalidNames) {
  expect_refusal("a name that contains a NUL", "Files/a\0b"sv);
  expect_refusal("a name that contains a colon", "Files/a:b/c");
  expect_refusal("a path that is not UTF-8", "Files/\xFF");
  expect_refusal("a path that is not UTF-8", "Files/\xC0\x80");
  expect_refusal("a path that is not UTF-8", "Files/\xED\xA0\x80\xED\xB0\x80");
}

TEST(EntryPath, CountsUtf16Units) {
  std::string faces;
  for (int i = 0; i < 127; ++i) {
    faces += "\U0001F600";
  }
  EXPECT_EQ(parsed("Files/" + faces + "x"), "Files|" + faces + "x");
  expect_refusal("more than 255", "Files/" + faces + "xy", ErrorCode::kLimit);
  expect_refusal("more than 255", "Files/a:" + faces + "xy", ErrorCode::kLimit);
  expect_refusal("more than 32767", "Files" + std::string(32'763, '/'), ErrorCode::kLimit);
  EXPECT_EQ(parsed("Files" + std::string(32'762, '/')), "Files");
}

TEST(EntryPath, ReadsStreamsInBothSpellings) {
  EXPECT_EQ(parsed("Files/a:s"), "Files|a:s");
  EXPECT_EQ(parsed("Files/a:s:$DATA"), "Files|a:s");
  EXPECT_EQ(parsed("Files/a:s:$dAtA"), "Files|a:s");
  EXPECT_EQ(parsed("Files/dir:s/"), "Files|dir:s");
  EXPECT_EQ(parsed("Files/a:$DATA2"), "Files|a:$DATA2");
}

TEST(EntryPath, RefusesOtherStreams) {
  for (const char* const text :
       {"Files/a:s:$INDEX_ALLOCATION", "Files/a:s:$DATA:$DATA", "Files/a:b:c", "Files/a:s:"}) {
    expect_refusal("a stream of a type other than $DATA", text, ErrorCode::kUnsupported);
  }
  for (const char* const text :
       {"Files/a:", "Files/:s", "Files/a::$DATA", "Files/a:$DATA", "Files/:", "Files/::$DATA"}) {
    expect_refusal("a stream without a name, or without a file", text);
  }
}

TEST(EntryPath, ReadsWhiteouts) {
  EXPECT_EQ(parsed("Files/a/.wh.b"), "Files|a|b gone");
  EXPECT_EQ(parsed("Files/a/.wh.b/"), "Files|a|b gone");
  EXPECT_EQ(parsed("Files/a/.wh..b"), "Files|a|.b gone");
  EXPECT_EQ(parsed("Files/.wh.a/b"), "Files|.wh.a|b");
  EXPECT_EQ(parsed("Files/.WH.a"), "Files|.WH.a");
}

TEST(EntryPath, WhiteoutsMayBeLongerThanNamesByTheirPrefix) {
  const std::string name(255, 'n');
  EXPECT_EQ(parsed("Files/.wh." + name), "Files|" + name + " gone");
  expect_refusal("more than 255", "Files/.wh." + name + "n", ErrorCode::kLimit);
}

TEST(EntryPath, ReadsOpaqueMarkers) {
  EXPECT_EQ(parsed("Files/a/.wh..wh..opq"), "Files|a|* gone");
  EXPECT_EQ(parsed("Files/.wh..wh..opq"), "Files|* gone");
  EXPECT_EQ(parsed("Files/.wh..wh..opqx"), "Files|.wh..opqx gone");
}

TEST(EntryPath, RefusesWhiteoutsWithoutAName) {
  for (const char* const text :
       {"Files/a/.wh.", "Files/a/.wh..", "Files/a/.wh...", "Files/.wh./"}) {
    expect_refusal("a whiteout without a name", text);
  }
  expect_refusal("a name that contains a colon", "Files/.wh.a:s");
  expect_refusal("not below Files", ".wh..wh..opq");
}

TEST(LinkPath, AcceptsNeitherStreamsNorWhiteouts) {
  EXPECT_EQ(joined(parse_link_path("./Files/a/")), "Files|a");
  EXPECT_EQ(joined(parse_link_path("Files/.wh.a")), "Files|.wh.a");
  expect_error(ErrorCode::kCorrupt, "a name that contains a colon",
               [] { parse_link_path("Files/a:s"); });
  expect_error(ErrorCode::kCorrupt, "a hard link to the root", [] { parse_link_path(""); });
  expect_error(ErrorCode::kCorrupt, "an absolute path", [] { parse_link_path("/Files/a"); });
  expect_error(ErrorCode::kCorrupt, "not below Files", [] { parse_link_path("a"); });
}

}  // namespace
}  // namespace cim::tar
