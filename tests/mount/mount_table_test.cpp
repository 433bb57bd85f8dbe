// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/mount_table.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "temporary_directory.h"

namespace cim::mount {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MountTable, ReadsMountsWithAnyNumberOfOptionalFields) {
  const auto mounts = parse_mount_table(
      "23 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
      "90 23 0:57 / /mnt/a ro,nosuid shared:7 master:3 - fuse.cim /store/7.cim ro,user_id=0\n");
  EXPECT_THAT(mounts,
              ElementsAre(Mount{"/", "ext4", "/dev/sda1", "8:1", "rw"},
                          Mount{"/mnt/a", "fuse.cim", "/store/7.cim", "0:57", "ro,user_id=0"}));
}

TEST(MountTable, UnescapesWhatTheKernelEscapes) {
  const auto mounts =
      parse_mount_table("9 1 0:1 / /a\\040b\\134c rw - fuse.cim /x\\011y\\0ab\\09 rw\n");
  EXPECT_THAT(mounts, ElementsAre(Mount{"/a b\\c", "fuse.cim", "/x\ty\\0ab\\09", "0:1", "rw"}));
}

TEST(MountTable, LeavesOutLinesOfAnotherForm) {
  EXPECT_THAT(parse_mount_table("\n-\n1 2 3\n1 2 0:1 / /a rw - fuse.cim\n1 2 0:1 - a b c d\n"),
              IsEmpty());
}

TEST(MountTable, KnowsTheRootOfThisSystem) {
  EXPECT_TRUE(find_mount("/"));
  EXPECT_FALSE(find_mount("/no/mount/point"));
}

TEST(MountTable, NamesAMountPointWithoutTouchingIt) {
  const test::TemporaryDirectory directory;
  const auto real = std::filesystem::canonical(directory.path());
  std::filesystem::create_directory(real / "a");
  std::filesystem::create_directory_symlink(real / "a", real / "link");
  EXPECT_EQ(canonical_mount_point(real / "link" / "." / "gone/"), real / "a" / "gone");
  EXPECT_EQ(canonical_mount_point(real / "link" / "."), real / "link");
  test::expect_error(ErrorCode::kNotFound, "find its directory",
                     [&] { canonical_mount_point(real / "none" / "b"); });
}

TEST(MountTable, TakesDotsAfterALinkAsTheFileSystemDoes) {
  const test::TemporaryDirectory directory;
  const auto real = std::filesystem::canonical(directory.path());
  std::filesystem::create_directories(real / "far/away");
  std::filesystem::create_directory_symlink(real / "far/away", real / "link");
  EXPECT_EQ(canonical_mount_point(real / "link/.."), real / "far");
  EXPECT_EQ(canonical_mount_point(real / "link/../m"), real / "far/m");
}

}  // namespace
}  // namespace cim::mount
