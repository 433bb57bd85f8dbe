// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/host/extract_links.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expect_error.h"
#include "image/host/extract_fixture.h"
#include "image/link_limit.h"
#include "image/sample_image.h"

namespace cim {
namespace {

namespace fs = std::filesystem;
using test::content;
using test::path;
using test::put;
using test::status_of;
using test::symlink_to;
using testing::ElementsAre;
using testing::HasSubstr;

using ExtractLinks = test::Extract;

TEST_F(ExtractLinks, KeepsRelativeTargetsButForTheSlashes) {
  const Bytes up = symlink_to("..\\..\\a\\b");
  write_image([&](ImageWriter& writer) {
    writer.add(path("x"), test::directory_metadata());
    writer.add(path("x/y"), test::directory_metadata());
    writer.add(path("x/y/up"), {.reparse_data = up});
  });
  run();
  EXPECT_EQ(fs::read_symlink(destination_ / "x/y/up"), "../../a/b");
}

TEST_F(ExtractLinks, LinksToDriveCLeadToWhatStandsForIt) {
  const Bytes users = symlink_to("C:\\Users");
  const Bytes junction = ReparsePoint::pointing_to(reparse_tag::kMountPoint, "C:\\Users").encode();
  write_image([&](ImageWriter& writer) {
    writer.add(path("link"), {.reparse_data = users});
    writer.add(path("Files"), test::directory_metadata());
    writer.add(path("Files/sub"), test::directory_metadata());
    writer.add(path("Files/sub/link"), {.reparse_data = users});
    writer.add(path("Files/junction"),
               {.attributes = attribute::kDirectory, .reparse_data = junction});
  });
  run();
  EXPECT_EQ(fs::read_symlink(destination_ / "link"), "Users");
  EXPECT_EQ(fs::read_symlink(destination_ / "Files/sub/link"), "../Users");
  EXPECT_EQ(fs::read_symlink(destination_ / "Files/junction"), "Users");
}

TEST_F(ExtractLinks, LinksOfASubdirectoryLeadWhereTheyLedInTheImage) {
  const Bytes users = symlink_to("C:\\Users");
  write_image([&](ImageWriter& writer) {
    writer.add(path("Files"), test::directory_metadata());
    writer.add(path("Files/sub"), test::directory_metadata());
    writer.add(path("Files/sub/link"), {.reparse_data = users});
  });
  run("Files");
  EXPECT_EQ(fs::read_symlink(destination_ / "sub/link"), "../Users");
}

TEST_F(ExtractLinks, LinksThatLeadAboveWhatIsExtractedLeadNowhere) {
  const Bytes users = symlink_to("C:\\Users");
  const Bytes up = symlink_to("..\\..\\Users");
  write_image([&](ImageWriter& writer) {
    writer.add(path("Files"), test::directory_metadata());
    writer.add(path("Files/sub"), test::directory_metadata());
    writer.add(path("Files/sub/link"), {.reparse_data = users});
    writer.add(path("Files/sub/deeper"), test::directory_metadata());
    writer.add(path("Files/sub/deeper/up"), {.reparse_data = up});
  });
  run("Files/sub");
  EXPECT_EQ(fs::read_symlink(destination_ / "link"), "\\??\\C:\\Users");
  EXPECT_EQ(fs::read_symlink(destination_ / "deeper/up"), "..\\..\\Users");
}

TEST_F(ExtractLinks, EveryNameOfALinkLeadsWhereItsOwnDirectorySays) {
  const Bytes users = symlink_to("C:\\Users");
  write_image([&](ImageWriter& writer) {
    writer.add(path("a"), test::directory_metadata());
    writer.add(path("a/b"), test::directory_metadata());
    writer.add(path("a/b/link"), {.reparse_data = users});
    writer.add_link(path("z"), path("a/b/link"));
  });
  run();
  EXPECT_EQ(fs::read_symlink(destination_ / "a/b/link"), "../../Users");
  EXPECT_EQ(fs::read_symlink(destination_ / "z"), "Users");
}

TEST_F(ExtractLinks, NoLinkLeadsAboveTheVolume) {
  const Bytes passwords = symlink_to("..\\..\\..\\etc\\passwd");
  const Bytes rooted = symlink_to("\\etc\\passwd");
  write_image([&](ImageWriter& writer) {
    writer.add(path("climbing"), {.reparse_data = passwords});
    writer.add(path("rooted"), {.reparse_data = rooted});
  });
  run();
  EXPECT_EQ(fs::read_symlink(destination_ / "climbing"), "etc/passwd");
  EXPECT_EQ(fs::read_symlink(destination_ / "rooted"), "etc/passwd");
}

TEST_F(ExtractLinks, MakesADirectoryOfALinkThatHasEntries) {
  const Bytes away = symlink_to("away");
  write_image([&](ImageWriter& writer) {
    writer.add(path("away"), test::directory_metadata());
    writer.add(path("link"), {.attributes = attribute::kDirectory, .reparse_data = away});
    put(writer, "link/inside", as_bytes("x"));
  });
  std::vector<std::string> warnings;
  run("", {.warning = [&](const std::string& text) { warnings.push_back(text); }});
  EXPECT_TRUE(fs::is_directory(fs::symlink_status(destination_ / "link")));
  EXPECT_EQ(content(destination_ / "link/inside"), "x");
  EXPECT_TRUE(fs::is_empty(destination_ / "away"));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("it is a link and has entries")));
}

TEST_F(ExtractLinks, WritesOtherReparsePointsAsFiles) {
  const Bytes other = Bytes{std::byte{0x23}, {}, {}, std::byte{0x80}, {}, {}, {}, {}};
  write_image([&](ImageWriter& writer) {
    put(writer, "socket", as_bytes("data"), {.reparse_data = other});
  });
  std::vector<std::string> warnings;
  run("", {.warning = [&](const std::string& text) { warnings.push_back(text); }});
  EXPECT_EQ(content(destination_ / "socket"), "data");
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("reparse point")));
}

TEST_F(ExtractLinks, LinksAcrossDirectories) {
  write_image([&](ImageWriter& writer) {
    writer.add(path("a"), test::directory_metadata());
    writer.add(path("a/b"), test::directory_metadata());
    writer.add(path("c"), test::directory_metadata());
    put(writer, "a/b/first", as_bytes("x"));
    writer.add_link(path("c/second"), path("a/b/first"));
  });
  run();
  EXPECT_EQ(status_of(destination_ / "a/b/first").st_ino,
            status_of(destination_ / "c/second").st_ino);
}

TEST_F(ExtractLinks, CopiesAFileThatCanHaveNoMoreNames) {
  write_image([](ImageWriter& writer) {
    writer.add(path("d"), test::directory_metadata());
    put(writer, "d/0", as_bytes("same"));
    writer.add_alternate_stream({path("d/0"), u"stream"}, 1);
    writer.write(as_bytes("s"));
    for (int i = 1; i < 10; ++i) {
      writer.add_link(path(fmt::format("d/{}", i)), path("d/0"));
    }
  });
  const test::LinkLimit limit(4);
  const ExtractSummary summary = run();
  EXPECT_EQ(summary.copied_links, 2U);
  EXPECT_EQ(summary.files, 3U);
  EXPECT_EQ(summary.hard_links, 7U);
  EXPECT_EQ(summary.skipped, 0U);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(content(destination_ / fmt::format("d/{}", i)), "same");
  }
  for (const char* const first : {"d/0", "d/4", "d/8"}) {
    EXPECT_EQ(content(destination_ / (std::string(first) + ":stream")), "s");
  }
}

}  // namespace
}  // namespace cim
