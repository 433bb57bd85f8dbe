// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/base/mount_table.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "temporary_directory.h"

namespace cim::mount {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(MountTable, ReadsMountsWithAnyNumberOfOptionalFields) {
  const auto mounts = parse_mount_table(
      "23 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
      "90 23 0:57 / /mnt/a ro,nosuid shared:7 master:3 - fuse.cim /store/7.cim ro,user_id=0\n");
  EXPECT_THAT(mounts,
              ElementsAre(Mount{"/", "ext4", "/dev/sda1", "8:1", "rw"},
                          Mount{"/mnt/a", "fuse.cim", "/store/7.cim", "0:57", "ro,user_id=0"}));
}

TEST(MountTable, UnescapesOctalSequences) {
  const auto mounts =
      parse_mount_table("9 1 0:1 / /a\\040b\\134c rw - fuse.cim /x\\011y\\0ab\\09 rw\n");
  EXPECT_THAT(mounts, ElementsAre(Mount{"/a b\\c", "fuse.cim", "/x\ty\\0ab\\09", "0:1", "rw"}));
}

TEST(MountTable, IgnoresMalformedLines) {
  EXPECT_THAT(parse_mount_table("\n-\n1 2 3\n1 2 0:1 / /a rw - fuse.cim\n1 2 0:1 - a b c d\n"),
              IsEmpty());
}

TEST(MountTable, FindsTheRootFileSystem) {
  EXPECT_TRUE(find_mount("/"));
  EXPECT_FALSE(find_mount("/no/mount/point"));
}

TEST(MountTable, CanonicalizesAMountPointWithoutAccessingIt) {
  const test::TemporaryDirectory directory;
  const auto real = std::filesystem::canonical(directory.path());
  std::filesystem::create_directory(real / "a");
  std::filesystem::create_directory_symlink(real / "a", real / "link");
  EXPECT_EQ(canonical_mount_point(real / "link" / "." / "gone/"), real / "a" / "gone");
  EXPECT_EQ(canonical_mount_point(real / "link" / "."), real / "link");
  test::expect_error(ErrorCode::kNotFound, "find its directory",
                     [&] { canonical_mount_point(real / "none" / "b"); });
}

TEST(MountTable, ResolvesDotDotAfterASymbolicLink) {
  const test::TemporaryDirectory directory;
  const auto real = std::filesystem::canonical(directory.path());
  std::filesystem::create_directories(real / "far/away");
  std::filesystem::create_directory_symlink(real / "far/away", real / "link");
  EXPECT_EQ(canonical_mount_point(real / "link/.."), real / "far");
  EXPECT_EQ(canonical_mount_point(real / "link/../m"), real / "far/m");
}

Mount fuse_at(const std::string& place, const std::string& image = "/s/7.cim") {
  return {.mount_point = place, .type = "fuse.cim", .source = image, .device = "0:57"};
}

Mount overlay_at(const std::string& place, const std::string& source = "/s/7.cim") {
  return {.mount_point = place,
          .type = "overlay",
          .source = source,
          .device = "0:58",
          .options = "rw,lowerdir=/a,upperdir=/up/upper,workdir=/up/work"};
}

TEST(ImageMounts, IncludesOnlyMountsOfImages) {
  EXPECT_THAT(image_mounts({{"/", "ext4", "/dev/sda1", "8:1"}, overlay_at("/b")}), IsEmpty());
  const auto mounts = image_mounts({fuse_at("/a"), {"/c", "ext4", "/dev/sda2", "8:2"}});
  ASSERT_THAT(mounts, SizeIs(1));
  EXPECT_EQ(mounts[0].mount_point(), "/a");
  EXPECT_TRUE(mounts[0].is_on_top);
  EXPECT_FALSE(mounts[0].overlay);
}

TEST(ImageMounts, IncludesAnOverlayWithTheSameMountPointAndSource) {
  const auto mounts = image_mounts({fuse_at("/a"), fuse_at("/b"), overlay_at("/a")});
  ASSERT_THAT(mounts, SizeIs(2));
  ASSERT_TRUE(mounts[0].overlay);
  EXPECT_TRUE(mounts[0].is_on_top);
  EXPECT_FALSE(mounts[1].overlay);
}

TEST(ImageMounts, IsNotOnTopUnderAnyOtherMount) {
  for (const Mount& over : {overlay_at("/a", "other"), fuse_at("/a", "/s/8.cim"),
                            Mount{"/a", "tmpfs", "none", "0:9"}}) {
    EXPECT_FALSE(image_mounts({fuse_at("/a"), over})[0].is_on_top);
  }
  const auto twice = image_mounts({fuse_at("/a"), overlay_at("/a"), overlay_at("/a")});
  ASSERT_THAT(twice, SizeIs(1));
  EXPECT_FALSE(twice[0].is_on_top);
}

TEST(ImageMounts, OnlyTheLastOfTwoAtOneMountPointIsOnTop) {
  const auto mounts = image_mounts({fuse_at("/a"), fuse_at("/a"), overlay_at("/a")});
  ASSERT_THAT(mounts, SizeIs(2));
  EXPECT_FALSE(mounts[0].is_on_top);
  EXPECT_FALSE(mounts[0].overlay);
  EXPECT_TRUE(mounts[1].is_on_top);
  EXPECT_TRUE(mounts[1].overlay);
}

TEST(ImageMounts, TakesLinearTime) {
  constexpr std::size_t kCount = 50'000;
  std::vector<Mount> table;
  for (std::size_t i = 0; i < kCount; ++i) {
    table.push_back(fuse_at("/m/" + std::to_string(i % (kCount / 2))));
  }
  const auto mounts = image_mounts(table);
  ASSERT_THAT(mounts, SizeIs(kCount));
  EXPECT_FALSE(mounts.front().is_on_top);
  EXPECT_TRUE(mounts.back().is_on_top);
}

}  // namespace
}  // namespace cim::mount
