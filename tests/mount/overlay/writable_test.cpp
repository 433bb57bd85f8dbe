// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Writable mounts.
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/mount.h"

#include "expect_error.h"
#include "mount/base/mount_table.h"
#include "mount/mounted_image.h"
#include "mount/overlay/overlay.h"
#include "temporary_directory.h"

namespace cim::mount {
namespace {

using test::contents;
using test::expect_error;
using test::put;
using testing::SizeIs;

/// Returns why no overlay can be mounted here, for example because the directory for temporary
/// files is on one itself; nullopt if it can.
std::optional<std::string> reason_not_to_mount_overlays() {
  if (auto reason = test::reason_not_to_mount()) {
    return reason;
  }
  if (::geteuid() != 0) {
    return "only root can mount overlays";
  }
  const test::TemporaryDirectory directory;
  const auto at = directory.path() / "at";
  std::filesystem::create_directory(at);
  ImageWriter(directory.path() / "a.cim").commit();  // a temporary, so that its threads end here
  try {
    mount_in_background(directory.path() / "a.cim", at, {.upper = directory.path() / "upper"});
    unmount(at);
    return std::nullopt;
  } catch (const Error& error) {
    return error.what();
  }
}

class WritableMount : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = reason_not_to_mount_overlays()) {
      GTEST_SKIP() << *reason;
    }
    std::filesystem::create_directory(mount_point());
    ImageWriter writer(image());
    writer.add(test::path("Dir"), {.attributes = attribute::kDirectory});
    put(writer, "Dir/File", "contents");
    put(writer, "Dir/Other", "removed");
    put(writer, "Streams", "main");
    writer.add_alternate_stream({test::path("Streams"), u"zone"}, 3);
    writer.write(as_bytes("abc"));
    writer.commit();
  }

  void TearDown() override {
    while (find_mount(mount_point())) {
      unmount(mount_point(), UnmountMode::kLazily);
    }
  }

  void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::app);
    file << text;
    file.close();
    EXPECT_TRUE(file.good()) << path;
  }

  std::filesystem::path directory() const { return std::filesystem::canonical(directory_.path()); }
  std::filesystem::path image() const { return directory() / "image.cim"; }
  std::filesystem::path mount_point() const { return directory() / "mount, point"; }
  std::filesystem::path upper() const { return directory() / "up:per, back\\slash"; }
  Options options() const { return {.upper = upper()}; }

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(WritableMount, KeepsChangesAcrossMounts) {
  for (int round = 0; round < 2; ++round) {
    mount_in_background(image(), mount_point(), options());
    if (round == 0) {
      write(mount_point() / "Dir/File", " and more");
      write(mount_point() / "Dir/New", "new");
      std::filesystem::remove(mount_point() / "Dir/Other");
    }
    EXPECT_EQ(contents(mount_point() / "Dir/File"), "contents and more");
    EXPECT_EQ(contents(mount_point() / "Dir/New"), "new");
    EXPECT_FALSE(std::filesystem::exists(mount_point() / "Dir/Other"));
    unmount(mount_point());
    EXPECT_FALSE(find_mount(mount_point()));
  }
  mount_in_background(image(), mount_point());
  EXPECT_EQ(contents(mount_point() / "Dir/File"), "contents") << "the image was modified";
  EXPECT_TRUE(std::filesystem::exists(mount_point() / "Dir/Other"));
}

TEST_F(WritableMount, KeepsTheStreamsOfAModifiedFile) {
  mount_in_background(image(), mount_point(), options());
  write(mount_point() / "Streams", "!");
  EXPECT_EQ(contents(mount_point() / "Streams"), "main!");
  EXPECT_EQ(test::xattr(mount_point() / "Streams", "user.zone"), "abc");
}

TEST_F(WritableMount, CreatesDirectoriesThatOthersCannotWriteRegardlessOfTheUmask) {
  const mode_t before = ::umask(0);
  mount_in_background(image(), mount_point(), options());
  ::umask(before);
  for (const char* const name : {"", "upper", "work"}) {
    struct stat status {};
    ASSERT_EQ(::stat((upper() / name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 022U, 0U) << name;
  }
  unmount(mount_point());
  std::filesystem::permissions(upper(), std::filesystem::perms::all);
  expect_error(ErrorCode::kAccessDenied, "others may write there",
               [&] { mount_in_background(image(), mount_point(), options()); });
}

TEST_F(WritableMount, RejectsASymbolicLinkInPlaceOfItsDirectories) {
  std::filesystem::create_directory(upper());
  std::filesystem::create_directory(directory() / "elsewhere");
  std::filesystem::create_directory_symlink(directory() / "elsewhere", upper() / "upper");
  EXPECT_THROW(mount_in_background(image(), mount_point(), options()), Error);
  EXPECT_FALSE(find_mount(mount_point()));
}

TEST_F(WritableMount, IsListedAsOneMount) {
  mount_in_background(image(), mount_point(), options());
  std::optional<ActiveMount> found;
  for (const ActiveMount& mount : list()) {
    if (mount.image == image()) {
      EXPECT_FALSE(found);
      found = mount;
    }
  }
  ASSERT_TRUE(found);
  EXPECT_EQ(found->mount_point, mount_point());
  EXPECT_EQ(found->upper, upper());
  EXPECT_EQ(found->server, ServerState::kRunning);
}

TEST_F(WritableMount, IsCaseSensitive) {
  mount_in_background(image(), mount_point(), options());
  EXPECT_FALSE(std::filesystem::exists(mount_point() / "dir"));
  Options bad = options();
  bad.names = NameMatch::kIgnoringCase;
  expect_error(ErrorCode::kInvalidArgument, "cannot ignore case",
               [&] { mount_in_background(image(), mount_point(), bad); });
}

TEST_F(WritableMount, RejectsADirectoryThatAnotherMountUses) {
  const auto other = directory() / "other";
  std::filesystem::create_directory(other);
  mount_in_background(image(), mount_point(), options());
  expect_error(ErrorCode::kBusy, "stores its changes there",
               [&] { mount_in_background(image(), other, options()); });
  EXPECT_FALSE(find_mount(other));
}

TEST_F(WritableMount, UnmountRemovesOverlayAndImage) {
  mount_in_background(image(), mount_point(), options());
  {
    std::ofstream open(mount_point() / "Dir/New");
    expect_error(ErrorCode::kBusy, "in use", [&] { unmount(mount_point()); });
    EXPECT_EQ(find_mount(mount_point())->type, "overlay");
    unmount(mount_point(), UnmountMode::kLazily);
  }
  EXPECT_FALSE(find_mount(mount_point()));
}

TEST_F(WritableMount, StopRemovesOverlayAndImage) {
  std::stop_source stop;
  Events events;
  events.ready = [&](const Mounted&) {
    write(mount_point() / "Dir/New", "new");
    stop.request_stop();
  };
  serve_foreground(image(), mount_point(), options(), events, stop.get_token());
  EXPECT_FALSE(find_mount(mount_point()));
  EXPECT_EQ(contents(upper() / "upper/Dir/New"), "new");
}

TEST_F(WritableMount, ReportsWhyItsDirectoryCannotBeCreated) {
  std::ofstream(directory() / "file") << "in the way";
  expect_error(ErrorCode::kExists, "create the directory", [&] {
    mount_in_background(image(), mount_point(), {.upper = directory() / "file"});
  });
  EXPECT_FALSE(find_mount(mount_point()));
}

TEST(OverlayOptions, EscapeSeparatorsInPaths) {
  EXPECT_EQ(overlay::options_of("/l:1", "/u,1\\2"),
            "lowerdir=/l\\:1,upperdir=/u\\,1\\\\2/upper,workdir=/u\\,1\\\\2/work");
}

TEST(OverlayOptions, AreParsedFromTheMountTable) {
  const auto table = parse_mount_table(
      "45 42 0:40 / /m rw - overlay /s/7.cim rw,lowerdir=/m,"
      "upperdir=/up\\134\\054a\\134:b\\040c\\134\\134d/upper,workdir=/x,uuid=on\n");
  ASSERT_THAT(table, SizeIs(1));
  EXPECT_EQ(overlay::upper_of(table[0]), "/up,a:b c\\d");
  EXPECT_EQ(overlay::upper_of({"/a", "fuse.cim", "/s/7.cim", "0:57"}), std::nullopt);
}

}  // namespace
}  // namespace cim::mount
