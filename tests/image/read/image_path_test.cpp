// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/image_path.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace cim {
namespace {

using test::expect_error;

TEST(ImagePath, AcceptsBothSeparators) {
  for (const char* const text : {"a/b", "\\a\\b", "/a//b/", "a\\b/"}) {
    EXPECT_EQ(ImagePath::parse(text).to_string(), "\\a\\b") << text;
  }
  EXPECT_TRUE(ImagePath::parse("/").is_root());
  EXPECT_EQ(ImagePath::parse("").to_string(), "\\");
}

TEST(ImagePath, ReturnsParentsAndChildren) {
  const ImagePath path = ImagePath::parse("a").child(u"b");
  EXPECT_EQ(path.name(), u"b");
  EXPECT_EQ(path.parent(), ImagePath::parse("a"));
  EXPECT_TRUE(ImagePath().parent().is_root());
}

TEST(ImagePath, RefusesInvalidNames) {
  for (const char* const text : {"a/..", "./a", "a:b", "\xFF"}) {
    expect_error(ErrorCode::kInvalidArgument, "", [&] { ImagePath::parse(text); });
  }
  expect_error(ErrorCode::kInvalidArgument, "a name of 256 UTF-16 units",
               [] { ImagePath::parse(std::string(256, 'a')); });
  EXPECT_EQ(ImagePath::parse(std::string(255, 'a')).name().size(), 255U);
}

TEST(ImagePath, RefusesPathsThatAreTooLong) {
  ImagePath path;
  for (int i = 0; i < 127; ++i) {
    path = std::move(path).child(std::u16string(255, u'x'));
  }
  expect_error(ErrorCode::kLimit, "a path of more than 32767",
               [&] { path.child(std::u16string(255, u'x')); });
  path.child(std::u16string(254, u'x'));
}

TEST(StreamPath, SplitsTheStreamOff) {
  EXPECT_EQ(StreamPath::parse("a/b:s").stream, u"s");
  EXPECT_EQ(StreamPath::parse("a/b:s:$data").stream, u"s");
  EXPECT_EQ(StreamPath::parse("a/b::$DATA").stream, u"");
  EXPECT_EQ(StreamPath::parse("a/b").file.to_string(), "\\a\\b");
  expect_error(ErrorCode::kUnsupported, "only $DATA streams",
               [] { StreamPath::parse("a:b:$INDEX_ALLOCATION"); });
}

}  // namespace
}  // namespace cim
