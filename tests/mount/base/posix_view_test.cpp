// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/base/posix_view.h"

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

/// Makes images and views of them.
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

  /// Returns the target of a link, for the place that the path gives it.
  static LinkTarget link_at(const PosixView& view, std::string_view text) {
    LinkPlace place = view.place_of_root();
    FileId at = view.image().root();
    const ImagePath names = path(text);
    for (const std::u16string& name : names.names()) {
      place = at == view.image().root() ? place : view.place_in(place, at);
      at = view.image().find_child(at, name).value();
    }
    return view.link_target(view.image().info(at), place);
  }

  static PosixAttributes attributes(const PosixView& view, Node of) {
    return view.attributes(of, view.image().info(of.file));
  }

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(PosixViewTest, InodeNumbersAreUniqueAndTheRootHasNumberOne) {
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
  for (const FileId directory : {FileId{1}, FileId{3}, kMaxDirectoryOfLink}) {
    const Node node{.file = 2, .directory = directory};
    EXPECT_TRUE(inodes.insert(view.inode_of(node)).second);
    EXPECT_EQ(view.node_of(view.inode_of(node)), node);
  }
  EXPECT_EQ(view.inode_of({view.image().root()}), kRootInode);
}

TEST_F(PosixViewTest, ModesFollowFromTypeAndReadOnlyAttribute) {
  const PosixView view = view_of([](ImageWriter& writer) {
    writer.add(path("dir"), {.attributes = attribute::kDirectory});
    writer.add(path("locked"), {.attributes = attribute::kDirectory | attribute::kReadOnly});
    put(writer, "file", "x");
    put(writer, "fixed", "x", {.attributes = attribute::kReadOnly | attribute::kHidden});
  });
  EXPECT_EQ(attributes(view, node(view, "dir")).mode, S_IFDIR | 0755U);
  EXPECT_EQ(attributes(view, node(view, "locked")).mode, S_IFDIR | 0555U);
  EXPECT_EQ(attributes(view, node(view, "file")).mode, S_IFREG | 0755U);
  EXPECT_EQ(attributes(view, node(view, "fixed")).mode, S_IFREG | 0555U);
}

TEST_F(PosixViewTest, ShowsOnlySymlinksAndJunctionsAsLinks) {
  const auto symlink = ReparsePoint::pointing_to(reparse_tag::kSymlink, "C:/x").encode();
  const auto junction = ReparsePoint::pointing_to(reparse_tag::kMountPoint, "C:/x").encode();
  Bytes cloud = {std::byte{0x1A}, std::byte{0x90}, std::byte{0}, std::byte{0x90},
                 std::byte{0},    std::byte{0},    std::byte{0}, std::byte{0}};
  const PosixView view = view_of([&](ImageWriter& writer) {
    writer.add(path("symlink"), {.reparse_data = symlink});
    writer.add(path("junction"), {.attributes = attribute::kDirectory, .reparse_data = junction});
    writer.add(path("cloud"), {.reparse_data = cloud});
  });
  const auto info = [&](std::string_view text) { return view.image().info(node(view, text).file); };
  EXPECT_TRUE(may_be_link(info("symlink")));
  EXPECT_TRUE(may_be_link(info("junction")));
  EXPECT_FALSE(may_be_link(info("cloud")));
  EXPECT_EQ(attributes(view, node(view, "cloud")).mode, S_IFREG | 0755U);
  const PosixAttributes shown = view.attributes(node(view, "symlink"), info("symlink"), "x");
  EXPECT_EQ(shown.mode, S_IFLNK | 0777U);
  EXPECT_EQ(shown.size, 1U);
}

TEST_F(PosixViewTest, ResolvesDriveCToTheRootOfTheLinksVolume) {
  const auto link = ReparsePoint::pointing_to(reparse_tag::kSymlink, "C:\\Windows").encode();
  const PosixView view = view_of([&](ImageWriter& writer) {
    for (const char* const directory :
         {"Files", "Files/a", "Files/a/b", "UtilityVM", "UtilityVM/Files", "UtilityVM/Files/c",
          "Other", "Files/UtilityVM", "Files/UtilityVM/Files"}) {
      writer.add(path(directory), {.attributes = attribute::kDirectory});
      writer.add(path(directory).child(u"link"), {.reparse_data = link});
    }
    writer.add(path("link"), {.reparse_data = link});
  });
  const auto target = [&](std::string_view text) { return link_at(view, text).text; };
  EXPECT_EQ(target("Files/link"), "Windows");
  EXPECT_EQ(target("Files/a/b/link"), "../../Windows");
  EXPECT_EQ(target("Files/UtilityVM/Files/link"), "../../Windows");
  EXPECT_EQ(target("UtilityVM/Files/link"), "Windows");
  EXPECT_EQ(target("UtilityVM/Files/c/link"), "../Windows");
  EXPECT_EQ(target("UtilityVM/link"), "../Windows");
  EXPECT_EQ(target("Other/link"), "../Windows");
  EXPECT_EQ(target("link"), "Windows");
}

TEST_F(PosixViewTest, ShowsADamagedLinkAsAFile) {
  const Bytes damaged = {std::byte{0x0C}, std::byte{0}, std::byte{0}, std::byte{0xA0},
                         std::byte{0},    std::byte{0}, std::byte{0}, std::byte{0}};
  const PosixView view =
      view_of([&](ImageWriter& writer) { writer.add(path("link"), {.reparse_data = damaged}); });
  EXPECT_EQ(link_at(view, "link").obstacle, "has damaged reparse data");
  EXPECT_EQ(attributes(view, node(view, "link")).mode, S_IFREG | 0755U);
}

TEST_F(PosixViewTest, CountsTheNamesOfFiles) {
  PosixView view = view_of([](ImageWriter& writer) {
    writer.add(path("d"), {.attributes = attribute::kDirectory});
    writer.add(path("d/e"), {.attributes = attribute::kDirectory});
    put(writer, "one", "1");
    put(writer, "three", "3");
    writer.add_link(path("d/second"), path("three"));
    writer.add_link(path("d/e/third"), path("three"));
    put(writer, "d/two", "2");
    writer.add_link(path("d/again"), path("d/two"));
  });
  EXPECT_EQ(attributes(view, node(view, "three")).link_count, 1U) << "not counted yet";
  view.count_links();
  EXPECT_TRUE(view.has_counted_links());
  const auto links = [&](std::string_view text) {
    return attributes(view, node(view, text)).link_count;
  };
  EXPECT_EQ(links("one"), 1U);
  EXPECT_EQ(links("three"), 3U);
  EXPECT_EQ(links("d/e/third"), 3U);
  EXPECT_EQ(links("d/again"), 2U);
  EXPECT_EQ(links("d"), 1U);
}

TEST_F(PosixViewTest, StopsCountingLinksOnRequest) {
  PosixView view = view_of([](ImageWriter& writer) {
    put(writer, "one", "1");
    writer.add_link(path("two"), path("one"));
  });
  std::stop_source stop;
  stop.request_stop();
  view.count_links(stop.get_token());
  EXPECT_EQ(attributes(view, node(view, "one")).link_count, 1U);
}

TEST_F(PosixViewTest, KeepsTimesToOneTick) {
  const PosixView view = view_of([](ImageWriter& writer) {
    put(writer, "file", "x",
        {.times = {.creation = {1},
                   .last_write = {116444736000000000},
                   .change = {116444736000000001},
                   .last_access = {116444735999999999}}});
  });
  const PosixAttributes shown = attributes(view, node(view, "file"));
  EXPECT_EQ(shown.modification, (UnixTime{0, 0}));
  EXPECT_EQ(shown.change, (UnixTime{0, 100}));
  EXPECT_EQ(shown.access, (UnixTime{-1, 999999900}));
}

TEST_F(PosixViewTest, CountsOnlyStoredBlocks) {
  const PosixView view = view_of([](ImageWriter& writer) {
    put(writer, "empty", "");
    put(writer, "one", "x");
    put(writer, "full", std::string(1024, 'x'));
    writer.add(path("zeros"), {.attributes = attribute::kSparseFile}, 100000);
  });
  EXPECT_EQ(attributes(view, node(view, "empty")).blocks, 0U);
  EXPECT_EQ(attributes(view, node(view, "one")).blocks, 1U);
  EXPECT_EQ(attributes(view, node(view, "full")).blocks, 2U);
  EXPECT_EQ(attributes(view, node(view, "zeros")).size, 100000U);
  EXPECT_EQ(attributes(view, node(view, "zeros")).blocks, 0U);
}

TEST_F(PosixViewTest, ShowsStreamsAsNonExecutableFiles) {
  const PosixView view = view_of([](ImageWriter& writer) {
    put(writer, "file", "default");
    writer.add_alternate_stream({path("file"), u"Zone"}, 3);
    writer.write(as_bytes("abc"));
  });
  const FileId file = node(view, "file").file;
  const Node stream = view.find_stream(file, u"zONE").value();
  EXPECT_EQ(attributes(view, stream).mode, S_IFREG | 0644U);
  EXPECT_EQ(attributes(view, stream).size, 3U);
  EXPECT_EQ(view.open(stream).size(), 3U);
  EXPECT_FALSE(view.find_stream(file, u"other"));
  test::expect_error(ErrorCode::kNotFound, "no stream 9", [&] { attributes(view, {file, 9}); });
}

}  // namespace
}  // namespace cim::mount
