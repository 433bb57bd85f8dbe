// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Images mounted for containers, and the volumes in which that is done.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/image_writer.h"
#include "cimlib/layer_mount.h"

#include "expect_error.h"
#include "mount/base/mount_table.h"
#include "mount/mounted_image.h"
#include "mount/volume.h"

namespace cim::layer {
namespace {

using mount::find_mount;
using mount::UnmountMode;
using test::contents;
using test::expect_error;

// Test vectors that hcsshim publishes.
TEST(VolumeId, EqualsThatOfWindows) {
  EXPECT_EQ(volume_id("test-container").to_string(), "78b0c2aa-fcc1-5e50-813f-eb0574f209a5");
  EXPECT_EQ(volume_id("").to_string(), "bdb2c28b-00de-58e1-9364-c83c150e42f8");
  EXPECT_EQ(volume_id("a").to_string(), "2793d336-a0e7-5ddd-810b-55c00b05764f");
}

TEST(VolumeAt, RecognizesOnlyMountPointsOfVolumes) {
  const std::string id = "78b0c2aa-fcc1-5e50-813f-eb0574f209a5";
  EXPECT_EQ(mount::volume_at("/run/cimlib/volumes/" + id + "/mount"), volume_id("test-container"));
  EXPECT_EQ(mount::volume_at("/run/user/7/cimlib/volumes/" + id + "/mount"),
            volume_id("test-container"));
  for (const auto& other :
       {"/run/cimlib/volumes/" + id, "/run/cimlib/volumes/{" + id + "}/mount",
        "/run/cimlib/volume/" + id + "/mount", "/run/cim/volumes/" + id + "/mount",
        "/run/cimlib/volumes/" + id + "/mnt", std::string("/run/cimlib/volumes/7/mount"),
        std::string("/")}) {
    EXPECT_FALSE(mount::volume_at(other)) << other;
  }
}

TEST(VolumeMountPoint, IsBelowRunForRoot) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "not root";
  }
  EXPECT_EQ(mount::volume_mount_point(volume_id("test-container")),
            "/run/cimlib/volumes/78b0c2aa-fcc1-5e50-813f-eb0574f209a5/mount");
}

TEST(Volumes, RejectDirectoriesThatOthersCanWrite) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "needs the volumes of root";
  }
  const Guid id = Guid::random();
  const auto directory = mount::volume_mount_point(id).parent_path();
  std::filesystem::create_directories(directory);
  std::filesystem::permissions(directory, std::filesystem::perms::all);
  expect_error(ErrorCode::kAccessDenied, "others may write there",
               [&] { mount::Volume::make(id); });
  expect_error(ErrorCode::kAccessDenied, "others may write there",
               [&] { mount::Volume::find(id); });
  std::filesystem::remove(directory);
}

class ContainerMount : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::reason_not_to_mount()) {
      GTEST_SKIP() << *reason;
    }
    try {
      mount::volumes_directory();
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
    for (const auto& image : {first(), second()}) {
      ImageWriter writer(image);
      test::put(writer, "name", image.filename().string());
      writer.commit();
    }
  }

  void TearDown() override { cleanup_container_mounts(id(), UnmountMode::kLazily); }

  /// Unique, as the path of the directory is.
  std::string id() const { return directory_.path().string(); }
  std::filesystem::path place() const { return mount::volume_mount_point(volume_id(id())); }
  std::filesystem::path first() const { return directory_.path() / "first.cim"; }
  std::filesystem::path second() const { return directory_.path() / "second.cim"; }

  void expect_nothing_left() const {
    EXPECT_FALSE(find_mount(place()));
    EXPECT_FALSE(std::filesystem::exists(place().parent_path()));
  }

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(ContainerMount, MountsAndUnmounts) {
  EXPECT_EQ(mount_path(first(), id()), std::nullopt);
  const auto volume = mount(first(), id());
  EXPECT_EQ(volume, place());
  EXPECT_EQ(contents(volume / "name"), "first.cim");
  EXPECT_EQ(mount_path(first(), id()), volume);
  unmount(first(), id());
  EXPECT_EQ(mount_path(first(), id()), std::nullopt);
  expect_nothing_left();
}

TEST_F(ContainerMount, IsListedWithItsVolume) {
  mount(first(), id());
  const auto mounts = mount::list();
  const auto found = std::ranges::find(mounts, first(), &mount::ActiveMount::image);
  ASSERT_NE(found, mounts.end());
  EXPECT_EQ(found->volume, volume_id(id()));
  EXPECT_EQ(found->mount_point, place());
}

TEST_F(ContainerMount, AContainerHasOnlyOne) {
  mount(first(), id());
  for (const auto& image : {first(), second()}) {
    expect_error(ErrorCode::kExists, "with " + first().string(), [&] { mount(image, id()); });
  }
  EXPECT_EQ(mount_path(second(), id()), std::nullopt);
  expect_error(ErrorCode::kNotFound, "not mounted for container", [&] { unmount(second(), id()); });
  EXPECT_EQ(contents(place() / "name"), "first.cim");
}

TEST_F(ContainerMount, TwoContainersCanMountTheSameImage) {
  const std::string other = id() + "-2";
  mount(first(), id());
  const auto second_place = mount(first(), other);
  EXPECT_NE(second_place, place());
  unmount(first(), id());
  EXPECT_EQ(contents(second_place / "name"), "first.cim");
  unmount(first(), other);
}

TEST_F(ContainerMount, IsFoundByOtherPathsOfTheImageAndAfterItsRemoval) {
  mount(first(), id());
  std::filesystem::create_symlink(first(), first().string() + "-link");
  EXPECT_EQ(mount_path(first().string() + "-link", id()), place());
  EXPECT_EQ(mount_path(first().parent_path() / "." / "first.cim", id()), place());
  std::filesystem::remove(first());
  EXPECT_EQ(mount_path(first(), id()), place());
  unmount(first(), id());
  expect_nothing_left();
}

TEST_F(ContainerMount, IsFoundByOtherProcesses) {
  const pid_t process = ::fork();
  if (process == 0) {
    mount(first(), id());
    ::_exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(process, &status, 0), process);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(mount_path(first(), id()), place());
  expect_error(ErrorCode::kExists, place().string(), [&] { mount(first(), id()); });
  unmount(first(), id());
  expect_nothing_left();
}

TEST_F(ContainerMount, UnmountsOnlyLazilyWhileInUse) {
  mount(first(), id());
  const int descriptor = ::open((place() / "name").c_str(), O_RDONLY | O_CLOEXEC);
  expect_error(ErrorCode::kBusy, "in use", [&] { unmount(first(), id()); });
  expect_error(ErrorCode::kBusy, "in use", [&] { cleanup_container_mounts(id()); });
  unmount(first(), id(), UnmountMode::kLazily);
  expect_nothing_left();
  char byte = 0;
  EXPECT_EQ(::read(descriptor, &byte, 1), 1) << "open files remain readable";
  ::close(descriptor);
}

TEST_F(ContainerMount, LeavesNothingAfterAFailure) {
  expect_error(ErrorCode::kNotFound, "none.cim",
               [&] { mount(first().parent_path() / "none.cim", id()); });
  expect_nothing_left();
}

TEST_F(ContainerMount, IsCleanedUpByContainerId) {
  EXPECT_FALSE(cleanup_container_mounts(id()));
  mount(first(), id());
  EXPECT_TRUE(cleanup_container_mounts(id()));
  EXPECT_FALSE(cleanup_container_mounts(id()));
  expect_nothing_left();
}

TEST_F(ContainerMount, ReusesExistingDirectories) {
  mount(first(), id());
  mount::unmount(place());
  expect_nothing_left();
  mount::Volume::make(volume_id(id()));
  mount(first(), id());
  unmount(first(), id());
  mount::Volume::make(volume_id(id()));
  EXPECT_TRUE(cleanup_container_mounts(id()));
  expect_nothing_left();
}

TEST_F(ContainerMount, CleanupUnmountsStackedMounts) {
  mount(first(), id());
  mount::mount_in_background(second(), place());
  EXPECT_EQ(mount_path(second(), id()), place());
  EXPECT_TRUE(cleanup_container_mounts(id()));
  expect_nothing_left();
}

TEST_F(ContainerMount, CleanupKeepsADirectoryThatIsNotEmpty) {
  mount::Volume::make(volume_id(id()));
  const auto precious = place() / "precious";
  std::filesystem::create_directory(precious);
  cleanup_container_mounts(id());
  EXPECT_TRUE(std::filesystem::exists(precious));
  std::filesystem::remove(precious);
}

class VolumesOfAUser : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() == 0) {
      GTEST_SKIP() << "root's volumes are in /run";
    }
  }
};

TEST_F(VolumesOfAUser, AreInTheRuntimeDirectory) {
  const test::TemporaryDirectory directory;
  ::setenv("XDG_RUNTIME_DIR", directory.path().c_str(), 1);
  EXPECT_EQ(mount::volumes_directory(),
            std::filesystem::canonical(directory.path()) / "cimlib/volumes");
  ::setenv("XDG_RUNTIME_DIR", "/no/such/directory", 1);
  expect_error(ErrorCode::kNotFound, "XDG_RUNTIME_DIR", [] { mount::volumes_directory(); });
}

}  // namespace
}  // namespace cim::layer
