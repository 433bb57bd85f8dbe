// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/reparse.h"

#include <random>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "expect_error.h"
#include "hex.h"
#include "os/crypto.h"

namespace cim {
namespace {

using reparse_tag::kMountPoint;
using reparse_tag::kSymlink;
using test::expect_error;
using test::from_hex;

std::string encoded(std::uint32_t tag, std::string_view target) {
  return to_hex(ReparsePoint::pointing_to(tag, target).encode());
}

std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

TEST(ReparsePoint, EncodesAbsoluteSymlink) {
  EXPECT_EQ(encoded(kSymlink, "C:\\a"),
            without_blanks("0c0000a0 2800 0000 0000 1000 1200 0800 00000000 "
                           "5c003f003f005c0043003a005c0061000000 43003a005c0061000000"));
}

TEST(ReparsePoint, EncodesRelativeSymlink) {
  EXPECT_EQ(encoded(kSymlink, "..\\b"),
            without_blanks("0c0000a0 2000 0000 0000 0800 0a00 0800 01000000 "
                           "2e002e005c0062000000 2e002e005c0062000000"));
}

TEST(ReparsePoint, EncodesRootedSymlinkAsRelative) {
  EXPECT_EQ(encoded(kSymlink, "\\b"),
            without_blanks("0c0000a0 1800 0000 0000 0400 0600 0400 01000000 "
                           "5c0062000000 5c0062000000"));
}

TEST(ReparsePoint, EncodesMountPointWithoutFlags) {
  EXPECT_EQ(encoded(kMountPoint, "C:\\a"),
            without_blanks("030000a0 2400 0000 0000 1000 1200 0800 "
                           "5c003f003f005c0043003a005c0061000000 43003a005c0061000000"));
}

TEST(ReparsePoint, HasAKernelNameForEachKindOfTarget) {
  struct Case {
    std::string_view target;
    std::u16string_view substitute_name;
    bool is_relative;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"\\\\?\\Volume{0}\\x", u"\\??\\Volume{0}\\x", false},
           {"\\\\server\\share", u"\\??\\UNC\\server\\share", false},
           {"z:", u"\\??\\z:", false},
           {"C:relative", u"\\??\\C:relative", false},
           {"1:\\a", u"1:\\a", true},
           {"a", u"a", true},
           {"\\", u"\\", true},
           {"", u"", true},
       }) {
    const auto point = ReparsePoint::pointing_to(kSymlink, c.target);
    EXPECT_EQ(point.substitute_name, c.substitute_name) << c.target;
    EXPECT_EQ(point.is_relative, c.is_relative) << c.target;
    EXPECT_EQ(point.print_name, point.target());
  }
}

TEST(ReparsePoint, ConvertsSlashesOfTheTarget) {
  const auto point = ReparsePoint::pointing_to(kSymlink, "//?/C:/x/y");
  EXPECT_EQ(point.print_name, u"\\\\?\\C:\\x\\y");
  EXPECT_EQ(point.substitute_name, u"\\??\\C:\\x\\y");
}

TEST(ReparsePoint, KeepsLoneSurrogatesOfTheTarget) {
  const auto point = ReparsePoint::pointing_to(kMountPoint, "a\xED\xA0\x80");
  EXPECT_EQ(point.print_name, (std::u16string{u'a', char16_t{0xD800}}));
  EXPECT_FALSE(point.is_relative);  // mount points have no such flag
}

TEST(ReparsePoint, RefusesInvalidTargets) {
  expect_error(ErrorCode::kInvalidArgument, "not valid UTF-8",
               [] { ReparsePoint::pointing_to(kSymlink, "a\xFF"); });
  expect_error(ErrorCode::kInvalidArgument, "NUL",
               [] { ReparsePoint::pointing_to(kSymlink, std::string_view("a\0b", 3)); });
  expect_error(ErrorCode::kInvalidArgument, "tag 0x8000001b is neither",
               [] { ReparsePoint::pointing_to(0x8000001B, "a"); });
}

TEST(ReparsePoint, UsesTheSubstituteNameIfThePrintNameIsEmpty) {
  const auto target = [](std::u16string name) {
    return ReparsePoint{.tag = kMountPoint, .substitute_name = std::move(name)}.target();
  };
  EXPECT_EQ(target(u"\\??\\C:\\a"), u"C:\\a");
  EXPECT_EQ(target(u"\\??\\UNC\\server\\share"), u"\\\\server\\share");
  EXPECT_EQ(target(u"\\??\\Volume{0}\\"), u"\\\\?\\Volume{0}\\");
  EXPECT_EQ(target(u"..\\a"), u"..\\a");
}

TEST(ReparsePoint, ParsesNamesInAnyOrder) {
  // Print name "a" first, no NULs, and unused bytes in between.
  const auto point = ReparsePoint::parse(
      from_hex("0c0000a0 1400 0000 0400 0400 0000 0200 01000000 6100 7878 62006300"));
  EXPECT_EQ(
      point,
      (ReparsePoint{
          .tag = kSymlink, .substitute_name = u"bc", .print_name = u"a", .is_relative = true}));
}

TEST(ReparsePoint, ParsesOtherTagsWithoutTheirData) {
  const auto point = ReparsePoint::parse(from_hex("1b000080 0300 0000 010203"));
  EXPECT_EQ(point, ReparsePoint{.tag = 0x8000001B});
  EXPECT_EQ(point.target(), u"");
  expect_error(ErrorCode::kInvalidArgument, "neither", [&] { point.encode(); });
}

TEST(ReparsePoint, RefusesNamesOutsideTheBuffer) {
  expect_error(ErrorCode::kCorrupt, "print name needs 4 bytes, but only 2 are left", [] {
    ReparsePoint::parse(from_hex("030000a0 0c00 0000 0000 0200 0200 0400 61006200"));
  });
  expect_error(ErrorCode::kCorrupt, "substitute name needs 65534 bytes", [] {
    ReparsePoint::parse(from_hex("030000a0 0c00 0000 feff 0200 0200 0200 61006200"));
  });
  expect_error(ErrorCode::kCorrupt, "at byte 16: the substitute name begins or ends within", [] {
    ReparsePoint::parse(from_hex("030000a0 0c00 0000 0100 0200 0200 0200 61006200"));
  });
  expect_error(ErrorCode::kCorrupt, "the flags needs 4 bytes",
               [] { ReparsePoint::parse(from_hex("0c0000a0 0800 0000 0000 0000 0000 0000")); });
  expect_error(ErrorCode::kCorrupt, "the location of the names needs 8 bytes",
               [] { ReparsePoint::parse(from_hex("030000a0 0000 0000")); });
}

TEST(ReparsePoint, EnforcesTheMaximumBufferSize) {
  ReparsePoint point{.tag = kMountPoint, .substitute_name = std::u16string(8182, u'x')};
  EXPECT_EQ(point.encode().size(), kMaxReparseBufferSize);
  EXPECT_EQ(ReparsePoint::parse(point.encode()), point);
  point.print_name = u"y";
  expect_error(ErrorCode::kLimit, "8185 characters do not fit into 16384 bytes",
               [&] { point.encode(); });
}

TEST(ReparsePoint, RoundTripsEveryPoint) {
  std::mt19937 random(7);
  const auto name = [&random] {
    std::u16string text(random() % 40, u'\0');
    for (char16_t& unit : text) {
      unit = static_cast<char16_t>(random());
    }
    return text;
  };
  for (int i = 0; i < 2000; ++i) {
    ReparsePoint point{.tag = random() % 2 == 0 ? kSymlink : kMountPoint,
                       .substitute_name = name(),
                       .print_name = name()};
    point.is_relative = point.tag == kSymlink && random() % 2 == 0;
    EXPECT_EQ(ReparsePoint::parse(point.encode()), point);
  }
}

TEST(ReparseTag, IsReadFromAValidHeader) {
  EXPECT_EQ(parse_reparse_tag(from_hex("17000080 0200 0000 abcd")), 0x80000017U);
  EXPECT_EQ(parse_reparse_tag(from_hex("030000a0 0000 0000")), kMountPoint);
}

// Tags of other vendors have a GUID after the header, which the length does not include.
TEST(ReparseTag, CountsTheGuidOfForeignTags) {
  EXPECT_EQ(parse_reparse_tag(from_hex("34120000 0100 0000"
                                       "000102030405060708090a0b0c0d0e0f ff")),
            0x1234U);
  expect_error(ErrorCode::kCorrupt, "the GUID of a tag that is not Microsoft's needs 16 bytes",
               [] { parse_reparse_tag(from_hex("34120000 0100 0000 ff")); });
}

TEST(ReparseTag, RefusesWrongLengths) {
  expect_error(ErrorCode::kCorrupt, "the header needs 8 bytes, but only 7 are left",
               [] { parse_reparse_tag(from_hex("030000a0 0000 00")); });
  expect_error(ErrorCode::kCorrupt, "at byte 4: the header states 3 bytes of data, but there",
               [] { parse_reparse_tag(from_hex("030000a0 0300 0000 0102")); });
  expect_error(ErrorCode::kCorrupt, "at byte 4: the header states 1 bytes of data, but there",
               [] { parse_reparse_tag(from_hex("030000a0 0100 0000 0102")); });
  expect_error(ErrorCode::kLimit, "16385 bytes; the limit is 16384",
               [] { parse_reparse_tag(Bytes(16385)); });
}

TEST(ReparseTag, RefusesReservedTags) {
  for (const std::string_view tag : {"00000000", "01000000"}) {
    expect_error(ErrorCode::kCorrupt, "is reserved",
                 [&] { parse_reparse_tag(from_hex(std::string(tag) + "0000 0000")); });
  }
}

}  // namespace
}  // namespace cim
