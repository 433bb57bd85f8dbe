// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/link_target.h"

#include <gtest/gtest.h>

namespace cim {
namespace {

LinkTarget of_relative(std::u16string target, const LinkPlace& place) {
  return posix_link_target(
      {.tag = reparse_tag::kSymlink, .substitute_name = std::move(target), .is_relative = true},
      place);
}

std::string relative(std::u16string target, std::size_t depth) {
  return of_relative(std::move(target), {.depth = depth}).text;
}

std::string absolute(std::u16string target, std::size_t depth) {
  return posix_link_target({.tag = reparse_tag::kMountPoint, .substitute_name = std::move(target)},
                           {.depth = depth})
      .text;
}

TEST(LinkTarget, KeepsRelativeTargetsExceptForSlashes) {
  EXPECT_EQ(relative(u"a.txt", 0), "a.txt");
  EXPECT_EQ(relative(u"..\\x\\y", 1), "../x/y");
  EXPECT_EQ(relative(u"..\\..\\other\u00e9", 2), "../../other\xC3\xA9");
}

TEST(LinkTarget, ResolvesDotsTextually) {
  EXPECT_EQ(relative(u"..\\x\\.\\y", 1), "../x/y");
  EXPECT_EQ(relative(u"sub\\..\\..\\other", 1), "../other");
  EXPECT_EQ(relative(u"a/b\\../..\\../../c", 2), "../../c");
  EXPECT_EQ(relative(u"s\\..\\..\\..\\..\\etc\\passwd", 3), "../../../etc/passwd");
  EXPECT_EQ(relative(u"a\\..", 0), ".");
  EXPECT_EQ(relative(u"a\\...\\.. \\b", 0), "a/.../.. /b");
  EXPECT_EQ(absolute(u"C:\\a\\..\\..\\b", 1), "../b");
}

TEST(LinkTarget, DropsRedundantSlashes) {
  EXPECT_EQ(relative(u"a\\\\b\\", 0), "a/b");
  EXPECT_EQ(absolute(u"\\??\\C:\\Windows\\", 0), "Windows");
}

TEST(LinkTarget, StopsAtTheRootAsWindowsDoes) {
  EXPECT_EQ(relative(u"..\\..\\..\\etc\\passwd", 1), "../etc/passwd");
  EXPECT_EQ(relative(u"a\\..\\..\\..\\b", 0), "b");
  EXPECT_EQ(relative(u"..", 0), ".");
  EXPECT_EQ(absolute(u"C:\\..\\..\\etc", 2), "../../etc");
}

TEST(LinkTarget, StartsAtTheVolumeRootForDriveTargets) {
  EXPECT_EQ(absolute(u"\\??\\C:\\Windows\\System32", 2), "../../Windows/System32");
  EXPECT_EQ(absolute(u"\\\\?\\c:\\Windows", 1), "../Windows");
  EXPECT_EQ(absolute(u"\\DosDevices\\C:\\Windows", 1), "../Windows");
  EXPECT_EQ(absolute(u"C:/Windows", 1), "../Windows");
  EXPECT_EQ(absolute(u"\\??\\C:", 1), "..");
  EXPECT_EQ(absolute(u"\\??\\C:\\", 0), ".");
}

TEST(LinkTarget, StartsAtTheVolumeRootForRootedTargets) {
  EXPECT_EQ(relative(u"\\Windows", 3), "../../../Windows");
  EXPECT_EQ(relative(u"/etc/passwd", 0), "etc/passwd");
}

TEST(LinkTarget, LeadsNowhereForOtherVolumesAndShares) {
  EXPECT_EQ(absolute(u"\\??\\Volume{1234}\\a", 1), "\\??\\Volume{1234}\\a");
  EXPECT_EQ(absolute(u"\\??\\D:\\a", 1), "\\??\\D:\\a");
  EXPECT_EQ(absolute(u"\\\\server\\share", 0), "\\\\server\\share");
  EXPECT_EQ(absolute(u"//etc/passwd", 0), "\\\\etc\\passwd");
  EXPECT_EQ(absolute(u"\\??\\UNC/../../etc", 0), "\\??\\UNC\\..\\..\\etc");
}

TEST(LinkTarget, LeadsNowhereForDotsWithoutTheRelativeFlag) {
  EXPECT_EQ(absolute(u"..", 0), "..\\");
  EXPECT_EQ(absolute(u".", 0), ".\\");
  EXPECT_EQ(absolute(u"../..", 0), "..\\..");
}

TEST(LinkTarget, LeadsNowhereAboveTheVisibleTree) {
  const LinkPlace place = {.depth = 3, .reach = 1};
  EXPECT_EQ(of_relative(u"..\\a", place).text, "../a");
  EXPECT_EQ(of_relative(u"..\\..\\a", place).text, "..\\..\\a");
  EXPECT_EQ(of_relative(u"../..", place).text, "..\\..");
  EXPECT_EQ(of_relative(u"\\a", place).text, "\\a");
}

TEST(LinkTarget, FallsBackToThePrintName) {
  EXPECT_EQ(posix_link_target(
                {.tag = reparse_tag::kSymlink, .print_name = u"a\\b", .is_relative = true}, {})
                .text,
            "a/b");
}

TEST(LinkTarget, ReportsTargetsThatLinuxCannotRepresent) {
  EXPECT_EQ(of_relative(u"", {}).obstacle, "leads to an empty path");
  EXPECT_EQ(of_relative(std::u16string(u"a\0b", 3), {}).obstacle,
            "leads to a path that contains a NUL");
  const std::u16string longest(kMaxLinkTarget, u'a');
  EXPECT_EQ(of_relative(longest, {}).text.size(), kMaxLinkTarget);
  constexpr std::string_view kTooLong = "leads to a path that is too long for Linux";
  EXPECT_EQ(of_relative(longest + u'a', {}).obstacle, kTooLong);
  EXPECT_EQ(of_relative(u"\\a", {.depth = std::size_t{1} << 30}).obstacle, kTooLong);
  EXPECT_EQ(posix_link_target(ByteView(), {}).obstacle, "has damaged reparse data");
}

TEST(LinkTarget, KnowsWhichTagsAreLinks) {
  EXPECT_TRUE(is_link_tag(0xA000000C));
  EXPECT_TRUE(is_link_tag(0xA0000003));
  EXPECT_FALSE(is_link_tag(0));
  EXPECT_FALSE(is_link_tag(0x80000017));  // WOF
}

}  // namespace
}  // namespace cim
