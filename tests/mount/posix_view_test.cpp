// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/posix_view.h"

#include <set>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cimlib/error.h"
#include "cimlib/image_writer.h"
#include "cimlib/reparse.h"

#include "expect_error.h"
#include "mount/mounted_image.h"
#include "temporary_directory.h"

namespace cim::mount {
namespace {

using test::path;
using test::put;

/// An image made by `fill`, and the view of it.
class PosixViewTest : public testing::Test {
 protected:
  template <typename Fill>
  PosixView view_of(Fill fill) {
    const auto image = directory_.path() / "a.cim";
    ImageWriter writer(image);
    fill(writer);
    writer.commit();
    return PosixView(Image(image));
  }

  static Node node(const PosixView& view, std::string_view text) {
    return {view.image().find(path(text)).value()};
  }

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(PosixViewTest, GivesEveryNodeAnInodeOfItsOwnAndTheRootTheFirst) {
  const PosixView view = view_of([](ImageWriter& writer) {
    for (const char* const name : {"a", "b", "c"}) {
      put(writer, name, "x");
    }
  });
  std::set<std::uint64_t> inodes;
  for (FileId file = 1; file <= view.image().max_file_id(); ++file) {
    for (const std::uint32_t stream : {0U, 1U, 7U}) {
      const Node node{file, stream};
      EXPECT_TRUE(inodes.insert(view.inode_of(node)).second);
      EXPECT_EQ(view.node_of(view.inode_of(node)), node);
    }
  }
  EXPECT_EQ(view.inode_of({view.image().root()}), kRootInode);
}

TEST_F(PosixViewTest, TakesModesFromTypesAndReadOnly) {
  const PosixView view = view_of([](ImageWriter& writer) {
    writer.create(path("dir"), {.attributes = attribute::kDirectory});
    writer.create(path("locked"), {.attributes = attribute::kDirectory | attribute::kReadOnly});
    put(writer, "file", "x");
    put(writer, "fixed", "x", {.attributes = attribute::kReadOnly | attribute::kHidden});
  });
  EXPECT_EQ(view.attributes(node(view, "dir")).mode, S_IFDIR | 0755U);
  EXPECT_EQ(view.attributes(node(view, "locked")).mode, S_IFDIR | 0555U);
  EXPECT_EQ(view.attributes(node(view, "file")).mode, S_IFREG | 0755U);
  EXPECT_EQ(view.attributes(node(view, "fixed")).mode, S_IFREG | 0555U);
}

TEST_F(PosixViewTest, ShowsLinksAsLinksAndOtherReparsePointsAsWhatTheyAre) {
  const auto symlink = ReparsePoint::leading_to(reparse_tag::kSymlink, "C:/x").encode();
  const auto junction = ReparsePoint::leading_to(reparse_tag::kMountPoint, "C:/x").encode();
  Bytes cloud = {std::byte{0x1A}, std::byte{0x90}, std::byte{0}, std::byte{0x90},
                 std::byte{0},    std::byte{0},    std::byte{0}, std::byte{0}};
  const PosixView view = view_of([&](ImageWriter& writer) {
    writer.create(path("symlink"), {.reparse_data = symlink});
    writer.create(path("junction"),
                  {.attributes = attribute::kDirectory, .reparse_data = junction});
    writer.create(path("cloud"), {.reparse_data = cloud});
  });
  EXPECT_EQ(view.attributes(node(view, "symlink")).mode, S_IFLNK | 0777U);
  EXPECT_EQ(view.attributes(node(view, "junction")).mode, S_IFLNK | 0777U);
  EXPECT_EQ(view.attributes(node(view, "cloud")).mode, S_IFREG | 0755U);
  EXPECT_EQ(view.attributes(node(view, "symlink")).size, std::string_view("x").size());
  test::expect_error(ErrorCode::kInvalidArgument, "no link",
                     [&] { view.link_target(node(view, "cloud").file); });
}

TEST_F(PosixViewTest, ResolvesDriveCToTheVolumeThatTheLinkLiesIn) {
  const auto link = ReparsePoint::leading_to(reparse_tag::kSymlink, "C:\\Windows").encode();
  const PosixView view = view_of([&](ImageWriter& writer) {
    for (const char* const directory :
         {"Files", "Files/a", "Files/a/b", "UtilityVM", "UtilityVM/Files", "UtilityVM/Files/c",
          "Other", "Files/UtilityVM", "Files/UtilityVM/Files"}) {
      writer.create(path(directory), {.attributes = attribute::kDirectory});
      writer.create(path(directory).child(u"link"), {.reparse_data = link});
    }
    writer.create(path("link"), {.reparse_data = link});
  });
  const auto target = [&](std::string_view text) {
    return view.link_target(node(view, text).file);
  };
  EXPECT_EQ(target("Files/link"), "Windows");
  EXPECT_EQ(target("Files/a/b/link"), "../../Windows");
  EXPECT_EQ(target("Files/UtilityVM/Files/link"), "../../Windows");
  EXPECT_EQ(target("UtilityVM/Files/link"), "Windows");
  EXPECT_EQ(target("UtilityVM/Files/c/link"), "../Windows");
  EXPECT_EQ(target("UtilityVM/link"), "../Windows");
  EXPECT_EQ(target("Other/link"), "../Windows");
  EXPECT_EQ(target("link"), "Windows");
}

TEST_F(PosixViewTest, ListsADamagedLinkWithoutASize) {
  const Bytes damaged = {std::byte{0x0C}, std::byte{0}, std::byte{0}, std::byte{0xA0},
                         std::byte{0},    std::byte{0}, std::byte{0}, std::byte{0}};
  const PosixView view =
      view_of([&](ImageWriter& writer) { writer.create(path("link"), {.reparse_data = damaged}); });
  EXPECT_EQ(view.attributes(node(view, "link")).mode, S_IFLNK | 0777U);
  EXPECT_EQ(view.attributes(node(view, "link")).size, 0U);
  EXPECT_THROW(view.link_target(node(view, "link").file), Error);
}

TEST_F(PosixViewTest, CountsTheNamesOfEveryFile) {
  const PosixView view = view_of([](ImageWriter& writer) {
    writer.create(path("d"), {.attributes = attribute::kDirectory});
    writer.create(path("d/e"), {.attributes = attribute::kDirectory});
    put(writer, "one", "1");
    put(writer, "three", "3");
    writer.link(path("d/second"), path("three"));
    writer.link(path("d/e/third"), path("three"));
    put(writer, "d/two", "2");
    writer.link(path("d/again"), path("d/two"));
  });
  const auto links = [&](std::string_view text) {
    return view.attributes(node(view, text)).link_count;
  };
  EXPECT_EQ(links("one"), 1U);
  EXPECT_EQ(links("three"), 3U);
  EXPECT_EQ(links("d/e/third"), 3U);
  EXPECT_EQ(links("d/again"), 2U);
  EXPECT_EQ(links("d"), 1U);
}

TEST_F(PosixViewTest, KeepsTimesToTheTick) {
  const PosixView view = view_of([](ImageWriter& writer) {
    put(writer, "file", "x",
        {.times = {.creation = {1},
                   .last_write = {116444736000000000},
                   .change = {116444736000000001},
                   .last_access = {116444735999999999}}});
  });
  const PosixAttributes attributes = view.attributes(node(view, "file"));
  EXPECT_EQ(attributes.modification, (UnixTime{0, 0}));
  EXPECT_EQ(attributes.change, (UnixTime{0, 100}));
  EXPECT_EQ(attributes.access, (UnixTime{-1, 999999900}));
}

TEST_F(PosixViewTest, CountsBlocksOfWhatIsStored) {
  const PosixView view = view_of([](ImageWriter& writer) {
    put(writer, "empty", "");
    put(writer, "one", "x");
    put(writer, "full", std::string(1024, 'x'));
    writer.create(path("zeros"), {.attributes = attribute::kSparseFile}, 100000);
  });
  EXPECT_EQ(view.attributes(node(view, "empty")).blocks, 0U);
  EXPECT_EQ(view.attributes(node(view, "one")).blocks, 1U);
  EXPECT_EQ(view.attributes(node(view, "full")).blocks, 2U);
  EXPECT_EQ(view.attributes(node(view, "zeros")).size, 100000U);
  EXPECT_EQ(view.attributes(node(view, "zeros")).blocks, 0U);
}

TEST_F(PosixViewTest, ShowsStreamsAsFilesThatCannotBeRun) {
  const PosixView view = view_of([](ImageWriter& writer) {
    put(writer, "file", "default");
    writer.create_stream(path("file"), u"Zone", 3);
    writer.write(as_bytes("abc"));
  });
  const FileId file = node(view, "file").file;
  const Node stream = view.find_stream(file, u"zONE").value();
  EXPECT_EQ(view.attributes(stream).mode, S_IFREG | 0644U);
  EXPECT_EQ(view.attributes(stream).size, 3U);
  EXPECT_EQ(view.open(stream).size(), 3U);
  EXPECT_FALSE(view.find_stream(file, u"other"));
  test::expect_error(ErrorCode::kNotFound, "no stream 9", [&] { view.attributes({file, 9}); });
}

}  // namespace
}  // namespace cim::mount
