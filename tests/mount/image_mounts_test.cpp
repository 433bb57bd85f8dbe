// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Which of the kernel's mounts are images, and volumes by name.
#include "mount/image_mounts.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "mount/overlay.h"
#include "mount/volume.h"

namespace cim::mount {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

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

TEST(ImageMounts, AreThoseOfOurType) {
  EXPECT_THAT(image_mounts({{"/", "ext4", "/dev/sda1", "8:1"}, overlay_at("/b")}), IsEmpty());
  const auto mounts = image_mounts({fuse_at("/a"), {"/c", "ext4", "/dev/sda2", "8:2"}});
  ASSERT_THAT(mounts, SizeIs(1));
  EXPECT_EQ(mounts[0].mount_point(), "/a");
  EXPECT_TRUE(mounts[0].is_on_top);
  EXPECT_FALSE(mounts[0].overlay);
}

TEST(ImageMounts, TakeAnOverlayOfTheSamePlaceAndImageAsTheirOwn) {
  const auto mounts = image_mounts({fuse_at("/a"), fuse_at("/b"), overlay_at("/a")});
  ASSERT_THAT(mounts, SizeIs(2));
  ASSERT_TRUE(mounts[0].overlay);
  EXPECT_TRUE(mounts[0].is_on_top);
  EXPECT_FALSE(mounts[1].overlay);
  EXPECT_EQ(upper_of_overlay(*mounts[0].overlay), "/up");
}

TEST(ImageMounts, AreHiddenByWhateverElseIsMountedThere) {
  for (const Mount& over : {overlay_at("/a", "other"), fuse_at("/a", "/s/8.cim"),
                            Mount{"/a", "tmpfs", "none", "0:9"}}) {
    EXPECT_FALSE(image_mounts({fuse_at("/a"), over})[0].is_on_top);
  }
  const auto twice = image_mounts({fuse_at("/a"), overlay_at("/a"), overlay_at("/a")});
  ASSERT_THAT(twice, SizeIs(1));
  EXPECT_FALSE(twice[0].is_on_top);
}

TEST(ImageMounts, OfTwoAtOnePlaceTheLastIsOnTop) {
  const auto mounts = image_mounts({fuse_at("/a"), fuse_at("/a"), overlay_at("/a")});
  ASSERT_THAT(mounts, SizeIs(2));
  EXPECT_FALSE(mounts[0].is_on_top);
  EXPECT_FALSE(mounts[0].overlay);
  EXPECT_TRUE(mounts[1].is_on_top);
  EXPECT_TRUE(mounts[1].overlay);
}

TEST(OverlayData, TakesNamesWithTheSignsThatPartOptions) {
  EXPECT_EQ(overlay_data("/l:1", "/u,1\\2"),
            "lowerdir=/l\\:1,upperdir=/u\\,1\\\\2/upper,workdir=/u\\,1\\\\2/work");
}

TEST(OverlayData, IsUnderstoodInTheMountTable) {
  const auto table = parse_mount_table(
      "45 42 0:40 / /m rw - overlay /s/7.cim rw,lowerdir=/m,"
      "upperdir=/up\\134\\054a\\134:b\\040c\\134\\134d/upper,workdir=/x,uuid=on\n");
  ASSERT_THAT(table, SizeIs(1));
  EXPECT_EQ(upper_of_overlay(table[0]), "/up,a:b c\\d");
  EXPECT_EQ(upper_of_overlay(fuse_at("/a")), std::nullopt);
}

// The published bytes and results of hcsshim.
TEST(VolumeId, IsThatOfWindows) {
  EXPECT_EQ(volume_id("test-container").to_string(), "78b0c2aa-fcc1-5e50-813f-eb0574f209a5");
  EXPECT_EQ(volume_id("").to_string(), "bdb2c28b-00de-58e1-9364-c83c150e42f8");
  EXPECT_EQ(volume_id("a").to_string(), "2793d336-a0e7-5ddd-810b-55c00b05764f");
}

TEST(VolumeAt, KnowsThePlacesOfVolumesAlone) {
  const std::string id = "78b0c2aa-fcc1-5e50-813f-eb0574f209a5";
  EXPECT_EQ(volume_at("/run/cimlib/volumes/" + id + "/mount"), volume_id("test-container"));
  EXPECT_EQ(volume_at("/run/user/7/cimlib/volumes/" + id + "/mount"), volume_id("test-container"));
  for (const auto& other :
       {"/run/cimlib/volumes/" + id, "/run/cimlib/volumes/{" + id + "}/mount",
        "/run/cimlib/volume/" + id + "/mount", "/run/cim/volumes/" + id + "/mount",
        "/run/cimlib/volumes/" + id + "/mnt", std::string("/run/cimlib/volumes/7/mount"),
        std::string("/")}) {
    EXPECT_FALSE(volume_at(other)) << other;
  }
}

TEST(VolumeMountPoint, OfRootIsBelowRun) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "not root";
  }
  EXPECT_EQ(volume_mount_point(volume_id("test-container")),
            "/run/cimlib/volumes/78b0c2aa-fcc1-5e50-813f-eb0574f209a5/mount");
}

TEST(Volumes, AreRefusedWhereOthersCouldPutSomethingInTheirPlace) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "the volumes of root are meant";
  }
  const Guid id = Guid::random();
  const auto directory = volume_mount_point(id).parent_path();
  std::filesystem::create_directories(directory);
  std::filesystem::permissions(directory, std::filesystem::perms::all);
  test::expect_error(ErrorCode::kAccessDenied, "others may write there", [&] { Volume::make(id); });
  test::expect_error(ErrorCode::kAccessDenied, "others may write there", [&] { Volume::find(id); });
  std::filesystem::remove(directory);
}

TEST(ImageMounts, AmongManyTakeTimeByTheirNumber) {
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
