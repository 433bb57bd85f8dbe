// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Images mounted through EROFS.
#include <filesystem>
#include <fstream>
#include <optional>
#include <stop_token>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/mount.h"
#include "cimlib/reparse.h"

#include "expect_error.h"
#include "mount/base/mount_table.h"
#include "mount/mounted_image.h"
#include "temporary_directory.h"

namespace cim::mount {
namespace {

using test::contents;
using test::expect_error;
using test::pattern_text;
using test::put;
using testing::ElementsAre;
using testing::SizeIs;

class ErofsMount : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::reason_not_to_mount_erofs()) {
      GTEST_SKIP() << *reason;
    }
    std::filesystem::create_directory(mount_point());
    ImageWriter writer(image());
    writer.add(test::path("Dir"), {.attributes = attribute::kDirectory});
    for (const std::size_t size : {0U, 1U, 400U, 512U, 513U, 4095U, 4096U, 4097U, 300000U}) {
      put(writer, "Dir/" + std::to_string(size), pattern_text(size, static_cast<unsigned>(size)));
    }
    writer.add_alternate_stream({test::path("Dir/400"), u"zone"}, 3);
    writer.write(as_bytes("abc"));
    writer.add_alternate_stream({test::path("Dir/513"), u"large"}, 70000);
    writer.write(as_bytes(pattern_text(70000)));
    writer.add_link(test::path("second"), test::path("Dir/4096"));
    writer.commit();
  }

  void TearDown() override {
    while (find_mount(mount_point())) {
      unmount(mount_point(), UnmountMode::kLazily);
    }
  }

  Options options() const {
    return {.backend = BackendChoice::kErofs, .cache = directory() / "cache"};
  }
  Mounted mount(const std::optional<Options>& given = std::nullopt) {
    Mounted mounted;
    mount_in_background(image(), mount_point(), given.value_or(options()),
                        [&](const Mounted& how) { mounted = how; });
    return mounted;
  }
  std::size_t cached() const {
    const std::filesystem::directory_iterator files(directory() / "cache" / "erofs");
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }

  std::filesystem::path directory() const { return std::filesystem::canonical(directory_.path()); }
  std::filesystem::path image() const { return directory() / "image, 1.cim"; }
  std::filesystem::path mount_point() const { return directory() / "mount point"; }

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(ErofsMount, ShowsAllFiles) {
  const Mounted mounted = mount();
  EXPECT_EQ(mounted.backend, Backend::kErofs);
  for (const std::size_t size : {0U, 1U, 400U, 512U, 513U, 4095U, 4096U, 4097U, 300000U}) {
    EXPECT_EQ(contents(mount_point() / "Dir" / std::to_string(size)),
              pattern_text(size, static_cast<unsigned>(size)));
  }
  EXPECT_EQ(test::xattr(mount_point() / "Dir/400", "user.zone"), "abc");
  EXPECT_TRUE(test::xattr(mount_point() / "Dir", "user.ntfs.acl"));
  EXPECT_FALSE(std::filesystem::exists(mount_point() / "dir"));
  EXPECT_EQ(std::filesystem::hard_link_count(mount_point() / "second"), 2U);
  EXPECT_TRUE(std::filesystem::equivalent(mount_point() / "second", mount_point() / "Dir/4096"));
}

TEST_F(ErofsMount, ReportsOmissions) {
  const Mounted mounted = mount();
  ASSERT_THAT(mounted.omissions, SizeIs(1));
  EXPECT_EQ(mounted.omissions[0].count, 1U);
  EXPECT_THAT(mounted.omissions[0].examples, ElementsAre("Dir/513:large"));
  unmount(mount_point());
  EXPECT_THAT(mount().omissions, SizeIs(1)) << "not from the cached metadata image";
}

TEST_F(ErofsMount, TheMountTableNamesTheImage) {
  mount();
  EXPECT_EQ(find_mount(mount_point())->source, "cim:" + image().string());
  const auto found = find_image_mount(mount_point());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->image.source, image());
  EXPECT_EQ(found->backend(), Backend::kErofs);
  unmount(mount_point());
  EXPECT_FALSE(find_mount(mount_point()));
}

TEST_F(ErofsMount, CachesOneMetadataImagePerImage) {
  mount();
  unmount(mount_point());
  EXPECT_EQ(cached(), 1U);
  std::filesystem::remove(image());
  ImageWriter writer(image());
  put(writer, "other", "other");
  writer.commit();
  mount();
  EXPECT_EQ(contents(mount_point() / "other"), "other");
  EXPECT_EQ(cached(), 1U);
}

TEST_F(ErofsMount, RebuildsADamagedMetadataImage) {
  mount();
  unmount(mount_point());
  for (const auto& file : std::filesystem::directory_iterator(directory() / "cache" / "erofs")) {
    std::fstream(file.path(), std::ios::in | std::ios::out).seekp(2000) << "damage";
  }
  mount();
  EXPECT_EQ(contents(mount_point() / "Dir/400"), pattern_text(400, 400));
}

TEST_F(ErofsMount, RejectsACacheThatOthersCanWrite) {
  mount();
  unmount(mount_point());
  std::filesystem::permissions(directory() / "cache" / "erofs", std::filesystem::perms::all);
  expect_error(ErrorCode::kAccessDenied, "others may write there", [&] { mount(); });
  EXPECT_FALSE(find_mount(mount_point()));
}

TEST_F(ErofsMount, CreatesAPrivateCacheRegardlessOfTheUmask) {
  const mode_t before = ::umask(0);
  mount();
  ::umask(before);
  for (const char* const made : {"cache", "cache/erofs"}) {
    struct stat status {};
    ASSERT_EQ(::stat((directory() / made).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 022U, 0U) << made;
  }
  for (const auto& file : std::filesystem::directory_iterator(directory() / "cache/erofs")) {
    struct stat status {};
    ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U) << file.path();
  }
}

TEST_F(ErofsMount, RebuildsAMetadataImageThatOthersCanWrite) {
  mount();
  unmount(mount_point());
  for (const auto& file : std::filesystem::directory_iterator(directory() / "cache/erofs")) {
    std::filesystem::permissions(file.path(), std::filesystem::perms::all);
  }
  mount();
  for (const auto& file : std::filesystem::directory_iterator(directory() / "cache/erofs")) {
    struct stat status {};
    ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U) << file.path();
  }
}

TEST_F(ErofsMount, ResolvesLinksAndDotDotInTheImagePath) {
  std::filesystem::create_directories(directory() / "far/away");
  std::filesystem::create_directories(directory() / "near");
  std::filesystem::create_directory_symlink(directory() / "far/away", directory() / "near/link");
  for (const char* const place : {"far", "near"}) {
    ImageWriter writer(directory() / place / "a.cim");
    put(writer, "file", place);
    writer.commit();
  }
  for (const BackendChoice backend : {BackendChoice::kErofs, BackendChoice::kFuse}) {
    Options given = options();
    given.backend = backend;
    mount_in_background(directory() / "near/link/../a.cim", mount_point(), given);
    EXPECT_EQ(contents(mount_point() / "file"), "far");
    unmount(mount_point());
  }
}

TEST_F(ErofsMount, ShowsInexpressibleLinksAsFilesAndDirectories) {
  std::filesystem::remove(image());
  const Bytes empty = ReparsePoint{.tag = reparse_tag::kSymlink}.encode();
  const Bytes users = ReparsePoint::pointing_to(reparse_tag::kSymlink, "C:\\Users").encode();
  ImageWriter writer(image());
  writer.add(test::path("empty"), {.reparse_data = empty});
  writer.add(test::path("junction"), {.attributes = attribute::kDirectory, .reparse_data = empty});
  writer.add(test::path("d"), {.attributes = attribute::kDirectory});
  writer.add(test::path("d/users"), {.reparse_data = users});
  writer.add_link(test::path("again"), test::path("d/users"));
  put(writer, "steering", "");
  writer.add_alternate_stream({test::path("steering"), u"overlay.whiteout"}, 1);
  writer.write(as_bytes("y"));
  writer.commit();
  const Mounted mounted = mount();
  EXPECT_TRUE(std::filesystem::is_regular_file(mount_point() / "empty"));
  EXPECT_TRUE(std::filesystem::is_directory(mount_point() / "junction"));
  EXPECT_EQ(test::xattr(mount_point() / "empty", "user.ntfs.reparse_data"),
            std::string(as_text(empty)));
  EXPECT_EQ(std::filesystem::read_symlink(mount_point() / "d/users"), "../Users");
  EXPECT_EQ(std::filesystem::read_symlink(mount_point() / "again"), "Users");
  EXPECT_FALSE(test::xattr(mount_point() / "steering", "user.overlay.whiteout"));
  ASSERT_THAT(mounted.omissions, SizeIs(2));
  EXPECT_THAT(mounted.omissions[0].examples, ElementsAre("steering:overlay.whiteout"));
  EXPECT_THAT(mounted.omissions[1].examples, ElementsAre("empty", "junction"));
}

TEST_F(ErofsMount, RejectsUnsupportedOptions) {
  Options bad = options();
  bad.names = NameMatch::kIgnoringCase;
  expect_error(ErrorCode::kInvalidArgument, "cannot ignore case", [&] { mount(bad); });
  bad = options();
  bad.streams = StreamNames::kPaths;
  expect_error(ErrorCode::kInvalidArgument, "as paths", [&] { mount(bad); });
}

TEST_F(ErofsMount, IsPrivateUnlessOthersAreAllowed) {
  struct stat status {};
  mount();
  ASSERT_EQ(::stat(mount_point().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
  unmount(mount_point());
  Options open = options();
  open.access = Access::kEveryone;
  open.user = 12;
  mount(open);
  ASSERT_EQ(::stat(mount_point().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0755U);
  EXPECT_EQ(status.st_uid, 12U);
}

TEST_F(ErofsMount, ServesInTheForegroundUntilStopIsRequested) {
  std::stop_source stop;
  const Events events = {.ready = [&](const Mounted&) {
    EXPECT_TRUE(find_mount(mount_point()));
    stop.request_stop();
  }};
  serve_foreground(image(), mount_point(), options(), events, stop.get_token());
  EXPECT_FALSE(find_mount(mount_point()));
}

TEST_F(ErofsMount, ServesInTheForegroundUntilUnmounted) {
  const Events events = {.ready = [&](const Mounted&) { unmount(mount_point()); }};
  serve_foreground(image(), mount_point(), options(), events);
  EXPECT_FALSE(find_mount(mount_point()));
}

TEST_F(ErofsMount, IsChosenIfAllFilesCanBeShown) {
  Options automatic = options();
  automatic.backend = BackendChoice::kAuto;
  EXPECT_EQ(mount(automatic).backend, Backend::kErofs);
}

TEST_F(ErofsMount, ShowsAFileWhoseLastBlockIsTruncated) {
  constexpr std::size_t kSize = 300'001;
  std::filesystem::remove(image());
  ImageWriter writer(image());
  put(writer, "cut", pattern_text(kSize));
  writer.commit();
  const Image opened(image());
  const Extent last = opened.open(*opened.find(test::path("cut"))).extents().back();
  std::filesystem::resize_file(opened.regions()[last.region].path, last.region_offset + last.size);
  mount();
  EXPECT_EQ(contents(mount_point() / "cut"), pattern_text(kSize));
}

TEST_F(ErofsMount, RejectsADamagedImage) {
  for (const auto& file : std::filesystem::directory_iterator(directory())) {
    if (file.path().filename().string().starts_with("region_") &&
        file.path().string().ends_with("_0")) {
      std::filesystem::resize_file(file.path(), file.file_size() / 2);
    }
  }
  expect_error(ErrorCode::kCorrupt, "", [&] { mount(); });
  EXPECT_FALSE(find_mount(mount_point()));
}

}  // namespace
}  // namespace cim::mount
