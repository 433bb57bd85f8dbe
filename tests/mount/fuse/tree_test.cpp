// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The tree of an image mounted through FUSE: names, attributes and extended attributes.
#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>

#include <dirent.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cimlib/image.h"
#include "cimlib/reparse.h"

#include "base/utf16.h"
#include "mount/mounted_image.h"

namespace cim::mount {
namespace {

using test::contents;
using test::lstat_of;
using test::MountedImage;
using test::names_in;
using test::path;
using test::pattern_text;
using test::put;
using test::xattr;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const FileMetadata kDirectory = {.attributes = attribute::kDirectory};

class FuseTree : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::reason_not_to_mount()) {
      GTEST_SKIP() << *reason;
    }
  }
};

TEST_F(FuseTree, ShowsDirectoriesAndFiles) {
  const MountedImage mounted([](ImageWriter& writer) {
    writer.add(path("Files"), kDirectory);
    writer.add(path("Files/empty"), kDirectory);
    put(writer, "Files/b.txt", "hello");
    put(writer, "Files/A.txt", "");
  });
  EXPECT_THAT(names_in(mounted.root()), ElementsAre("Files"));
  EXPECT_THAT(names_in(mounted.root() / "Files"), ElementsAre("A.txt", "b.txt", "empty"));
  EXPECT_THAT(names_in(mounted.root() / "Files/empty"), IsEmpty());
  EXPECT_EQ(contents(mounted.root() / "Files/b.txt"), "hello");
  EXPECT_EQ(contents(mounted.root() / "Files/A.txt"), "");
  EXPECT_EQ(lstat_of(mounted.root()).st_ino, 1U);
}

TEST_F(FuseTree, LooksUpNamesIgnoringCase) {
  const MountedImage mounted([](ImageWriter& writer) {
    writer.add(path("Files"), kDirectory);
    put(writer, "Files/Stra\u00dfe-\u00c9.txt", "x");
  });
  const auto inode = lstat_of(mounted.root() / "Files/Stra\u00dfe-\u00c9.txt").st_ino;
  EXPECT_EQ(lstat_of(mounted.root() / "FILES/STRA\u00dfE-\u00e9.TXT").st_ino, inode);
  EXPECT_EQ(lstat_of(mounted.root() / "files/stra\u00dfe-\u00c9.txt").st_ino, inode);
  EXPECT_FALSE(exists(mounted.root() / "files/strasse-\u00c9.txt"));
  EXPECT_FALSE(exists(mounted.root() / "files/none"));
  EXPECT_FALSE(exists(mounted.root() / "files/none"));  // now from the kernel's cache
  EXPECT_FALSE(exists(mounted.root() / "files/\xFF"));
}

TEST_F(FuseTree, LooksUpNamesExactlyIfRequested) {
  mount::Options options;
  options.names = NameMatch::kExact;
  options.streams = mount::StreamNames::kPaths;
  const MountedImage mounted(
      [](ImageWriter& writer) {
        put(writer, "File", "x");
        writer.add_alternate_stream({path("File"), u"zone"}, 1);
        writer.write(as_bytes("z"));
      },
      options);
  EXPECT_TRUE(exists(mounted.root() / "File"));
  EXPECT_FALSE(exists(mounted.root() / "file"));
  EXPECT_TRUE(exists(mounted.root() / "File:zone"));
  EXPECT_FALSE(exists(mounted.root() / "file:zone"));
}

TEST_F(FuseTree, ShowsTheLongestNamesAndLoneSurrogates) {
  const std::u16string longest(255, u'\u20ac');
  const std::u16string lone = {u'a', char16_t{0xD800}};
  const MountedImage mounted([&](ImageWriter& writer) {
    writer.add(path("").child(longest), {});
    writer.add(path("").child(lone), {});
  });
  EXPECT_THAT(names_in(mounted.root()), UnorderedElementsAre(to_wtf8(longest), "a\xED\xA0\x80"));
  EXPECT_TRUE(exists(mounted.root() / to_wtf8(longest)));
  EXPECT_TRUE(exists(mounted.root() / to_wtf8(lone)));
}

TEST_F(FuseTree, HardLinksShareAnInodeAndAreCounted) {
  const MountedImage mounted([](ImageWriter& writer) {
    writer.add(path("d"), kDirectory);
    put(writer, "one", "1");
    put(writer, "two", "2");
    writer.add_link(path("d/second"), path("two"));
  });
  const struct stat one = lstat_of(mounted.root() / "one");
  const struct stat two = lstat_of(mounted.root() / "two");
  const struct stat second = lstat_of(mounted.root() / "d/second");
  EXPECT_EQ(one.st_nlink, 1U);
  EXPECT_EQ(two.st_nlink, 2U);
  EXPECT_EQ(second.st_nlink, 2U);
  EXPECT_EQ(second.st_ino, two.st_ino);
  EXPECT_NE(one.st_ino, two.st_ino);
}

TEST_F(FuseTree, FollowsSymbolicLinksAndJunctions) {
  const auto relative = ReparsePoint::pointing_to(reparse_tag::kSymlink, "..\\DATA").encode();
  const auto absolute = ReparsePoint::pointing_to(reparse_tag::kSymlink, "C:\\data\\f").encode();
  const auto junction = ReparsePoint::pointing_to(reparse_tag::kMountPoint, "C:\\data").encode();
  const MountedImage mounted([&](ImageWriter& writer) {
    writer.add(path("Files"), kDirectory);
    writer.add(path("Files/data"), kDirectory);
    writer.add(path("Files/links"), kDirectory);
    put(writer, "Files/data/f", "found");
    writer.add(path("Files/links/relative"),
               {.attributes = attribute::kDirectory, .reparse_data = relative});
    writer.add(path("Files/links/absolute"), {.reparse_data = absolute});
    writer.add(path("Files/links/junction"),
               {.attributes = attribute::kDirectory, .reparse_data = junction});
  });
  const auto links = mounted.root() / "Files/links";
  EXPECT_EQ(std::filesystem::read_symlink(links / "relative"), "../DATA");
  EXPECT_EQ(std::filesystem::read_symlink(links / "absolute"), "../data/f");
  EXPECT_EQ(std::filesystem::read_symlink(links / "junction"), "../data");
  EXPECT_EQ(contents(links / "relative/f"), "found");
  EXPECT_EQ(contents(links / "absolute"), "found");
  EXPECT_EQ(contents(links / "junction/f"), "found");
  EXPECT_EQ(xattr(links / "junction", "system.ntfs_reparse_data"), as_text(junction));
  EXPECT_EQ(lstat_of(links / "absolute").st_size, 9);
}

TEST_F(FuseTree, ShowsInexpressibleLinksAsFilesAndDirectories) {
  const Bytes empty = ReparsePoint{.tag = reparse_tag::kSymlink}.encode();
  const Bytes longest = ReparsePoint{.tag = reparse_tag::kSymlink,
                                     .substitute_name = std::u16string(4096, u'a'),
                                     .is_relative = true}
                            .encode();
  const MountedImage mounted([&](ImageWriter& writer) {
    writer.add(path("empty"), {.reparse_data = empty});
    writer.add(path("long"), {.reparse_data = longest});
    writer.add(path("junction"), {.attributes = attribute::kDirectory, .reparse_data = empty});
  });
  for (const auto& entry : std::filesystem::directory_iterator(mounted.root())) {
    EXPECT_FALSE(entry.is_symlink()) << entry.path();
  }
  EXPECT_TRUE(S_ISREG(lstat_of(mounted.root() / "empty").st_mode));
  EXPECT_TRUE(S_ISREG(lstat_of(mounted.root() / "long").st_mode));
  EXPECT_TRUE(S_ISDIR(lstat_of(mounted.root() / "junction").st_mode));
  EXPECT_THAT(names_in(mounted.root() / "junction"), IsEmpty());
  EXPECT_EQ(xattr(mounted.root() / "empty", "system.ntfs_reparse_data"),
            std::string(as_text(empty)));
  EXPECT_THAT(mounted.warnings(),
              UnorderedElementsAre(HasSubstr("empty path"), HasSubstr("empty path"),
                                   HasSubstr("too long")));
}

TEST_F(FuseTree, ResolvesEachNameOfALinkFromItsOwnDirectory) {
  const Bytes users = ReparsePoint::pointing_to(reparse_tag::kSymlink, "C:\\Users").encode();
  const MountedImage mounted([&](ImageWriter& writer) {
    writer.add(path("a"), kDirectory);
    writer.add(path("a/b"), kDirectory);
    writer.add(path("a/b/link"), {.reparse_data = users});
    writer.add_link(path("z"), path("a/b/link"));
  });
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(std::filesystem::read_symlink(mounted.root() / "z"), "Users");
    EXPECT_EQ(std::filesystem::read_symlink(mounted.root() / "a/b/link"), "../../Users");
  }
}

TEST_F(FuseTree, WarnsAboutHiddenStreams) {
  const MountedImage mounted([&](ImageWriter& writer) {
    put(writer, "file", "");
    writer.add_alternate_stream({path("file"), u"overlay.opaque"}, 1);
    writer.write(as_bytes("y"));
  });
  EXPECT_FALSE(xattr(mounted.root() / "file", "user.overlay.opaque"));
  std::array<char, 1000> names{};
  EXPECT_GT(::llistxattr((mounted.root() / "file").c_str(), names.data(), names.size()), 0);
  EXPECT_THAT(mounted.warnings(), ElementsAre(HasSubstr("overlay.opaque")));
}

TEST_F(FuseTree, ShowsModesOwnersTimesAndSizes) {
  const MountedImage mounted(
      [](ImageWriter& writer) {
        put(writer, "file", "12345",
            {.attributes = attribute::kReadOnly,
             .times = {.creation = {1},
                       .last_write = {132444736001234567},
                       .change = {132444736001234568},
                       .last_access = {1}}});
        writer.add(path("dir"), kDirectory);
      },
      {.user = 12, .group = 34, .umask = 027});
  const struct stat file = lstat_of(mounted.root() / "file");
  EXPECT_EQ(file.st_mode, S_IFREG | 0550U);
  EXPECT_EQ(file.st_uid, 12U);
  EXPECT_EQ(file.st_gid, 34U);
  EXPECT_EQ(file.st_size, 5);
  EXPECT_EQ(file.st_mtim.tv_sec, 1600000000);
  EXPECT_EQ(file.st_mtim.tv_nsec, 123456700);
  EXPECT_EQ(file.st_ctim.tv_nsec, 123456800);
  EXPECT_EQ(file.st_atim.tv_sec, -11644473600);
  EXPECT_EQ(file.st_atim.tv_nsec, 100);
  EXPECT_EQ(lstat_of(mounted.root() / "dir").st_mode, S_IFDIR | 0750U);
}

TEST_F(FuseTree, ShowsNtfsMetadataAsExtendedAttributes) {
  const MountedImage mounted([](ImageWriter& writer) {
    put(writer, "file", "", {.attributes = attribute::kHidden, .times = {{1}, {2}, {3}, {4}}});
    writer.add_alternate_stream({path("file"), u"Zone.Identifier"}, 3);
    writer.write(as_bytes("[Z]"));
    writer.add_alternate_stream({path("file"), u"large"}, 65537);
  });
  const auto file = mounted.root() / "file";
  EXPECT_EQ(xattr(file, "system.ntfs_attrib_be"), std::string("\0\0\0\2", 4));
  EXPECT_EQ(xattr(file, "system.ntfs_times"),
            std::string("\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0", 32));
  EXPECT_EQ(xattr(file, "system.ntfs_acl")->size(), 20U);
  EXPECT_EQ(xattr(file, "user.zone.identifier"), "[Z]");
  EXPECT_EQ(xattr(file, "user.none"), std::nullopt);
  EXPECT_EQ(::getxattr(file.c_str(), "user.large", nullptr, 0), -1);
  EXPECT_EQ(errno, E2BIG);
  std::array<char, 2> small{};
  EXPECT_EQ(::getxattr(file.c_str(), "user.Zone.Identifier", small.data(), small.size()), -1);
  EXPECT_EQ(errno, ERANGE);
  std::array<char, 1024> list{};
  const ssize_t size = ::listxattr(file.c_str(), list.data(), list.size());
  EXPECT_THAT(std::string(list.data(), static_cast<std::size_t>(size)),
              HasSubstr(std::string("user.large\0user.Zone.Identifier\0", 32)));
}

TEST_F(FuseTree, ShowsStreamsAsPathsIfRequested) {
  const auto fill = [](ImageWriter& writer) {
    put(writer, "file", "default");
    writer.add_alternate_stream({path("file"), u"second"}, 100000);
    writer.write(as_bytes(pattern_text(100000)));
    writer.add(path("dir"), kDirectory);
    writer.add_alternate_stream({path("dir"), u"first"}, 5);
    writer.write(as_bytes("first"));
  };
  const MountedImage with(fill, {.streams = StreamNames::kPaths});
  EXPECT_EQ(contents(with.root() / "file:SECOND"), pattern_text(100000));
  EXPECT_EQ(contents(with.root() / "FILE:second:$DATA"), pattern_text(100000));
  EXPECT_EQ(contents(with.root() / "dir:first"), "first");
  EXPECT_FALSE(exists(with.root() / "file:none"));
  EXPECT_FALSE(exists(with.root() / "none:first"));
  EXPECT_EQ(xattr(with.root() / "file:second", "system.ntfs_attrib"), std::nullopt);
  EXPECT_THAT(names_in(with.root()), ElementsAre("dir", "file"));
  const MountedImage without(fill, {.streams = StreamNames::kNone});
  EXPECT_FALSE(exists(without.root() / "file:second"));
  EXPECT_EQ(xattr(without.root() / "dir", "user.first"), std::nullopt);
}

TEST_F(FuseTree, ListsALargeDirectoryCompletelyAndFromAnyPosition) {
  constexpr std::size_t kCount = 10000;
  const MountedImage mounted([](ImageWriter& writer) {
    writer.add(path("many"), kDirectory);
    for (std::size_t i = 0; i < kCount; ++i) {
      put(writer, fmt::format("many/file-{:05}", i), fmt::format("{}", i));
    }
  });
  const auto names = names_in(mounted.root() / "many");
  ASSERT_EQ(names.size(), kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(names[i], fmt::format("file-{:05}", i));
  }
  for (std::size_t i = 0; i < kCount; i += 97) {
    EXPECT_EQ(contents(mounted.root() / "many" / names[i]), fmt::format("{}", i));
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir((mounted.root() / "many").c_str()),
                                                   ::closedir);
  for (int i = 0; i < 5002; ++i) {
    ASSERT_NE(::readdir(stream.get()), nullptr);
  }
  const long place = ::telldir(stream.get());
  const std::string next = ::readdir(stream.get())->d_name;
  ::rewinddir(stream.get());
  EXPECT_STREQ(::readdir(stream.get())->d_name, ".");
  ::seekdir(stream.get(), place);
  EXPECT_EQ(::readdir(stream.get())->d_name, next);
}

}  // namespace
}  // namespace cim::mount
