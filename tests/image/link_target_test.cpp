// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/link_target.h"

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "expect_error.h"

namespace cim {
namespace {

std::string relative(std::u16string target, std::size_t depth) {
  return posix_link_target(
      {.tag = reparse_tag::kSymlink, .substitute_name = std::move(target), .is_relative = true},
      depth);
}

std::string absolute(std::u16string target, std::size_t depth) {
  return posix_link_target({.tag = reparse_tag::kMountPoint, .substitute_name = std::move(target)},
                           depth);
}

TEST(LinkTarget, KeepsRelativeTargetsButForTheirSlashes) {
  EXPECT_EQ(relative(u"a.txt", 0), "a.txt");
  EXPECT_EQ(relative(u"..\\x\\.\\y", 1), "../x/./y");
  EXPECT_EQ(relative(u"sub\\..\\..\\other\u00e9", 1), "sub/../../other\xC3\xA9");
}

TEST(LinkTarget, DropsSlashesThatMeanNothing) {
  EXPECT_EQ(relative(u"a\\\\b\\", 0), "a/b");
  EXPECT_EQ(absolute(u"\\??\\C:\\Windows\\", 0), "Windows");
}

TEST(LinkTarget, StopsAtTheRootAsWindowsDoes) {
  EXPECT_EQ(relative(u"..\\..\\..\\etc\\passwd", 1), "../etc/passwd");
  EXPECT_EQ(relative(u"a\\..\\..\\..\\b", 0), "b");
  EXPECT_EQ(relative(u"..", 0), ".");
  EXPECT_EQ(absolute(u"C:\\..\\..\\etc", 2), "../../etc");
}

TEST(LinkTarget, LeadsFromTheVolumeRootWhereADriveIsNamed) {
  EXPECT_EQ(absolute(u"\\??\\C:\\Windows\\System32", 2), "../../Windows/System32");
  EXPECT_EQ(absolute(u"\\\\?\\c:\\Windows", 1), "../Windows");
  EXPECT_EQ(absolute(u"\\DosDevices\\C:\\Windows", 1), "../Windows");
  EXPECT_EQ(absolute(u"C:/Windows", 1), "../Windows");
  EXPECT_EQ(absolute(u"\\??\\C:", 1), "..");
  EXPECT_EQ(absolute(u"\\??\\C:\\", 0), ".");
}

TEST(LinkTarget, LeadsFromTheVolumeRootForRootedTargets) {
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

TEST(LinkTarget, FallsBackToThePrintName) {
  EXPECT_EQ(posix_link_target(
                {.tag = reparse_tag::kSymlink, .print_name = u"a\\b", .is_relative = true}, 0),
            "a/b");
}

TEST(LinkTarget, RefusesEmptyTargetsAndNuls) {
  test::expect_error(ErrorCode::kCorrupt, "empty", [] { absolute(u"", 0); });
  test::expect_error(ErrorCode::kCorrupt, "NUL", [] { relative(std::u16string(u"a\0b", 3), 0); });
}

TEST(LinkTarget, KnowsWhichTagsAreLinks) {
  EXPECT_TRUE(is_link_tag(0xA000000C));
  EXPECT_TRUE(is_link_tag(0xA0000003));
  EXPECT_FALSE(is_link_tag(0));
  EXPECT_FALSE(is_link_tag(0x80000017));  // WOF
}

}  // namespace
}  // namespace cim
