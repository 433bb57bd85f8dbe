// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/extract.h"

#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cimlib/reparse.h"

#include "expect_error.h"
#include "image/host/extract_fixture.h"
#include "image/read/region_files.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim {
namespace {

namespace fs = std::filesystem;
using test::content;
using test::expect_error;
using test::names_below;
using test::path;
using test::pattern;
using test::put;
using test::status_of;
using test::symlink_to;
using testing::ElementsAre;
using testing::HasSubstr;

// Replaces a name by another of the same length wherever it occurs: our writer can't make such
// images, but an attacker can.
void replace_names(const fs::path& directory, std::string_view from, std::string_view to) {
  for (const auto& entry : fs::directory_iterator(directory)) {
    std::string bytes = content(entry.path());
    std::string wide_from;
    std::string wide_to;
    for (std::size_t i = 0; i < from.size(); ++i) {
      wide_from += {from[i], '\0'};
      wide_to += {to[i], '\0'};
    }
    for (std::size_t at = bytes.find(wide_from); at != std::string::npos;
         at = bytes.find(wide_from, at + 1)) {
      bytes.replace(at, wide_from.size(), wide_to);
    }
    std::ofstream(entry.path(), std::ios::binary) << bytes;
  }
}

using Extract = test::Extract;

TEST_F(Extract, WritesDataLinksAndStreams) {
  test::write_sample_image(file_);
  const ExtractSummary summary = run();
  const fs::path files = destination_ / "Files";
  EXPECT_EQ(content(files / "small.txt"), "small");
  EXPECT_EQ(content(files / "page.bin"), as_text(pattern(5000)));
  EXPECT_EQ(content(files / "zeros.bin"), std::string(10000, '\0'));
  EXPECT_EQ(status_of(files / "zeros.bin").st_blocks, 0);
  EXPECT_EQ(content(files / "link.txt:Zone.Identifier"), "[Z]");
  EXPECT_EQ(content(files / "link.txt:big"), as_text(pattern(4096, 1)));
  EXPECT_EQ(status_of(files / "link.txt").st_ino, status_of(files / "small.txt").st_ino);
  EXPECT_EQ(fs::read_symlink(files / "symlink"), "b");
  EXPECT_TRUE(fs::is_directory(files / "empty"));
  EXPECT_EQ(summary.directories, 2U);
  EXPECT_EQ(summary.hard_links, 1U);
  EXPECT_EQ(summary.symlinks, 1U);
  EXPECT_EQ(summary.streams, 2U);
  EXPECT_EQ(summary.skipped, 0U);
}

TEST_F(Extract, WritesTheContentsOfADirectory) {
  test::write_sample_image(file_);
  run("FILES");
  EXPECT_TRUE(fs::exists(destination_ / "small.txt"));
}

TEST_F(Extract, WritesASingleFileIntoTheDestination) {
  test::write_sample_image(file_);
  const ExtractSummary summary = run("Files/small.txt");
  EXPECT_THAT(names_below(destination_),
              ElementsAre("small.txt", "small.txt:Zone.Identifier", "small.txt:big"));
  EXPECT_EQ(summary.bytes, 5U + 3 + 4096);
}

TEST_F(Extract, KeepsTimesAlsoOfDirectoriesAndLinks) {
  const FileTime written = *FileTime::from_unix({1600000000, 123456700});
  const FileTime read = *FileTime::from_unix({-5, 500000000});
  const FileTimes times{.creation = {1}, .last_write = written, .change = {3}, .last_access = read};
  const Bytes link = symlink_to("file");
  write_image([&](ImageWriter& writer) {
    writer.add(path("dir"), {.attributes = attribute::kDirectory, .times = times});
    put(writer, "dir/file", as_bytes("x"), {.times = times});
    writer.add(path("dir/link"), {.times = times, .reparse_data = link});
  });
  run();
  for (const char* name : {"dir", "dir/file", "dir/link"}) {
    const struct stat status = status_of(destination_ / name);
    EXPECT_EQ(status.st_mtim.tv_sec, 1600000000) << name;
    EXPECT_EQ(status.st_mtim.tv_nsec, 123456700) << name;
    EXPECT_EQ(status.st_atim.tv_sec, -5) << name;
    EXPECT_EQ(status.st_atim.tv_nsec, 500000000) << name;
  }
}

TEST_F(Extract, WritesTreesDeeperThanTheDescriptorLimit) {
  constexpr std::size_t kLevels = 300;
  write_image([&](ImageWriter& writer) {
    ImagePath at;
    for (std::size_t i = 0; i < kLevels; ++i) {
      at = at.child(u"d");
      writer.add(at, test::directory_metadata());
      // Sorted after the directory, so it is written on the way back up.
      writer.add(at.child(u"e"), {}, 1);
      writer.write(as_bytes("x"));
    }
  });
  const ExtractSummary summary = run();
  EXPECT_EQ(summary.directories, kLevels);
  EXPECT_EQ(summary.files, kLevels);
  fs::path deepest = destination_;
  for (std::size_t i = 0; i < kLevels; ++i) {
    deepest /= "d";
    ASSERT_EQ(content(deepest / "e"), "x");
  }
}

TEST_F(Extract, SkipsNamesThatAreTooLongWithAWarning) {
  const std::u16string long_name(255, u'東');
  write_image([&](ImageWriter& writer) {
    writer.add(ImagePath().child(long_name), test::directory_metadata());
    writer.add(ImagePath().child(long_name).child(u"inside"), {});
    put(writer, "short", as_bytes("x"));
  });
  std::vector<std::string> warnings;
  const auto summary =
      run("", {.warning = [&](const std::string& text) { warnings.push_back(text); }});
  EXPECT_EQ(summary.skipped, 1U);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("too long")));
  EXPECT_THAT(names_below(destination_), ElementsAre("short"));
}

TEST_F(Extract, WritesLoneSurrogatesAsWtf8) {
  write_image([&](ImageWriter& writer) {
    writer.add(ImagePath().child(std::u16string(u"a") + char16_t{0xD800}), {});
  });
  run();
  EXPECT_THAT(names_below(destination_), ElementsAre("a\xed\xa0\x80"));
}

TEST_F(Extract, RequiresAnEmptyDestination) {
  test::write_sample_image(file_);
  fs::create_directory(destination_);
  std::ofstream(destination_ / "mine") << "mine";
  expect_error(ErrorCode::kExists, "is not an empty directory", [&] { run(); });
  EXPECT_THAT(names_below(destination_), ElementsAre("mine"));
}

TEST_F(Extract, RequiresAnExistingPath) {
  test::write_sample_image(file_);
  expect_error(ErrorCode::kNotFound, "does not exist", [&] { run("nothing"); });
  EXPECT_FALSE(fs::exists(destination_));
}

TEST_F(Extract, RefusesAFileAsDestination) {
  test::write_sample_image(file_);
  std::ofstream(destination_) << "a file";
  EXPECT_THROW(run(), Error);
}

TEST_F(Extract, StopsOnRequest) {
  test::write_sample_image(file_);
  std::stop_source source;
  source.request_stop();
  expect_error(ErrorCode::kCancelled, "stopped", [&] { run("", {.stop = source.get_token()}); });
}

TEST_F(Extract, ReportsProgressUpToTheTotal) {
  test::write_sample_image(file_);
  Progress last{};
  const auto summary = run("", {.progress = [&](const Progress& now) {
                             EXPECT_GE(now.bytes_done, last.bytes_done);
                             last = now;
                           }});
  EXPECT_EQ(last.bytes_done, last.bytes_total);
  EXPECT_EQ(last.bytes_done, summary.bytes);
  EXPECT_EQ(last.entries_done, 11U);
}

TEST_F(Extract, RefusesNamesThatLeadElsewhere) {
  write_image([&](ImageWriter& writer) {
    writer.add(path("xx"), test::directory_metadata());
    put(writer, "xx/evil", as_bytes("x"));
  });
  replace_names(file_.parent_path(), "xx", "..");
  expect_error(ErrorCode::kCorrupt, "is not a valid name", [&] { run(); });
  EXPECT_FALSE(fs::exists(directory_.path() / "evil"));
}

TEST_F(Extract, RefusesNamesWithSeparators) {
  write_image([&](ImageWriter& writer) { put(writer, "aXXXevil", as_bytes("x")); });
  replace_names(file_.parent_path(), "aXXXevil", "/../evil");
  expect_error(ErrorCode::kCorrupt, "a name cannot contain", [&] { run(); });
  EXPECT_FALSE(fs::exists(directory_.path() / "evil"));
}

// A link and a directory of the same name: following the link would write outside.
TEST_F(Extract, WritesEverythingOutsideALostRegion) {
  test::write_sample_image(file_);
  const fs::path lost = file_.parent_path() / region_file_name(test::kSampleGuid, 1);
  fs::remove(lost);
  std::vector<std::string> warnings;
  const ExtractSummary summary =
      run("", {.warning = [&](const std::string& text) { warnings.push_back(text); }});
  EXPECT_EQ(content(destination_ / "Files/small.txt"), "small");
  EXPECT_EQ(content(destination_ / "Files/link.txt:Zone.Identifier"), "[Z]");
  EXPECT_EQ(fs::read_symlink(destination_ / "Files/symlink"), "b");
  EXPECT_FALSE(fs::exists(destination_ / "Files/page.bin"));
  EXPECT_EQ(summary.skipped, warnings.size());
  EXPECT_THAT(warnings, testing::Contains(testing::AllOf(HasSubstr("page.bin: skipped"),
                                                         HasSubstr(lost.filename().string()))));
}

TEST_F(Extract, LeavesNoPartOfAFileInATruncatedRegion) {
  write_image([](ImageWriter& writer) {
    put(writer, "large", pattern(3 << 20));
    put(writer, "small", as_bytes("x"));
  });
  const Image image(file_);
  fs::resize_file(file_.parent_path() / region_file_name(test::kSampleGuid, 1), 2 << 20);
  const ExtractSummary summary = extract(image, {}, destination_);
  EXPECT_EQ(summary.skipped, 1U);
  EXPECT_EQ(summary.bytes, 1U);
  EXPECT_THAT(names_below(destination_), ElementsAre("small"));
}

class ExtractTwin : public Extract, public testing::WithParamInterface<bool> {};

TEST_P(ExtractTwin, IsNotFollowed) {
  const Bytes link = symlink_to("another");
  const bool link_first = GetParam();
  write_image([&](ImageWriter& writer) {
    const char* const directory = link_first ? "twin2" : "twin1";
    writer.add(path("another"), test::directory_metadata());
    writer.add(path(link_first ? "twin1" : "twin2"), {.reparse_data = link});
    writer.add(path(directory), test::directory_metadata());
    put(writer, std::string(directory) + "/evil", as_bytes("x"));
  });
  replace_names(file_.parent_path(), "twin2", "twin1");
  expect_error(ErrorCode::kExists, "twin1", [&] { run(); });
  EXPECT_TRUE(fs::is_empty(destination_ / "another"));
}

INSTANTIATE_TEST_SUITE_P(BothOrders, ExtractTwin, testing::Bool());

TEST_F(Extract, DoesNotWriteThroughALinkOfTheSameName) {
  const Bytes link = symlink_to("another");
  write_image([&](ImageWriter& writer) {
    put(writer, "another", as_bytes("good"));
    writer.add(path("twin1"), {.reparse_data = link});
    put(writer, "twin2", as_bytes("evil"));
  });
  replace_names(file_.parent_path(), "twin2", "twin1");
  expect_error(ErrorCode::kExists, "twin1", [&] { run(); });
  EXPECT_EQ(content(destination_ / "another"), "good");
}

}  // namespace
}  // namespace cim
