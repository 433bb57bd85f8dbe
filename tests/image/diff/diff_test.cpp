// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Differences between images: each field alone, forks, and images without a common ancestor.

#include "cimlib/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf16.h"
#include "expect_error.h"
#include "hex.h"
#include "image/sample_image.h"
#include "image/sample_pe.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::directory_metadata;
using test::expect_error;
using test::from_hex;
using test::path;
using test::pattern;
using test::put;
using testing::ElementsAre;
using testing::IsEmpty;

class Diff : public testing::Test {
 protected:
  Diff() { test::write_sample_image(before_); }

  ImageWriter fork() { return ImageWriter(after_, {.base = before_}); }

  // "changed \Files\a: data,times" for each difference.
  std::vector<std::string> compare(const DiffOptions& options = {}) {
    std::vector<std::string> lines;
    summary_ = diff(before_, after_, options, [&lines](const Difference& difference) {
      std::string line = std::string(to_string(difference.kind)) + " " +
                         difference.path.to_string() + (difference.is_directory ? "\\" : "");
      std::string separator = ": ";
      for (const FieldName& name : field_names()) {
        if ((difference.fields & name.field) != 0) {
          line += separator + std::string(name.name);
          separator = ",";
        }
      }
      for (const std::u16string& stream : difference.streams) {
        line += " :" + to_wtf8(stream);
      }
      lines.push_back(line);
      return true;
    });
    return lines;
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path before_ = directory_.path() / "before.cim";
  std::filesystem::path after_ = directory_.path() / "after.cim";
  DiffSummary summary_;
};

TEST_F(Diff, OfAnImageWithItselfIsEmpty) {
  after_ = before_;
  EXPECT_THAT(compare(), IsEmpty());
  EXPECT_TRUE(summary_.is_same());
  EXPECT_EQ(summary_.compared_bytes, 0U);
}

TEST_F(Diff, OfEqualImagesComparesTheirBytes) {
  const test::TemporaryDirectory elsewhere;
  ImageWriter writer(elsewhere.path() / "twin.cim");
  after_ = elsewhere.path() / "twin.cim";
  writer.add({}, {.attributes = attribute::kDirectory, .times = {{9}, {9}, {9}, {9}}});
  put(writer, "a", pattern(5000));
  writer.commit();
  before_ = elsewhere.path() / "other.cim";
  ImageWriter other(before_, {.pe_expansion = PeExpansion::kPlain});
  other.add({}, {.attributes = attribute::kDirectory, .times = {{9}, {9}, {9}, {9}}});
  put(other, "a", pattern(5000));
  other.commit();
  EXPECT_THAT(compare(), IsEmpty());
  EXPECT_EQ(summary_.compared_bytes, 5000U);
}

TEST_F(Diff, OfAForkWithoutChangesIsEmpty) {
  fork().commit();
  EXPECT_THAT(compare(), IsEmpty());
}

TEST_F(Diff, ReportsAddedAndRemovedEntriesInPathOrder) {
  ImageWriter writer = fork();
  put(writer, "Files/b", as_bytes("x"));
  writer.add(path("Files/z"), directory_metadata());
  put(writer, "Files/z/1", as_bytes("x"));
  put(writer, "Files/z/2", as_bytes("x"));
  writer.remove(path("Files/page.bin"));
  writer.remove(path("Files/empty"));
  writer.commit();
  EXPECT_THAT(compare(), ElementsAre("added \\Files\\b", "removed \\Files\\empty\\",
                                     "removed \\Files\\page.bin", "added \\Files\\z\\",
                                     "added \\Files\\z\\1", "added \\Files\\z\\2"));
  EXPECT_EQ(summary_.added, 4U);
  EXPECT_EQ(summary_.removed, 2U);
  std::swap(before_, after_);
  EXPECT_EQ(compare().size(), 6U);
  EXPECT_EQ(summary_.removed, 4U);
}

TEST_F(Diff, ReportsEachFieldSeparately) {
  const Bytes eas = from_hex("00000000 00 01 0300 42 00 78797a 000000");
  const Bytes descriptor = from_hex(
      "01000480 14000000 00000000 00000000 00000000"
      "0102000000000005 20000000 20020000");
  ImageWriter writer = fork();
  put(writer, "Files/again.bin", pattern(5000, 1));
  put(writer, "Files/page.bin", pattern(5000), {.attributes = attribute::kHidden});
  put(writer, "Files/nothing", {}, {.times = {{1}, {}, {}, {}}});
  put(writer, "Files/eas", as_bytes("e"), {.extended_attributes = eas});
  put(writer, "Files/program.exe", test::SamplePe{.file_size = 0x1900}.bytes(),
      {.security_descriptor = descriptor});
  put(writer, "Files/symlink", {});
  writer.add_alternate_stream({path("Files/zeros.bin"), u"new"}, 1);
  writer.commit();
  EXPECT_THAT(
      compare(),
      ElementsAre("changed \\Files\\again.bin: data", "changed \\Files\\eas: extended-attributes",
                  "changed \\Files\\nothing: times", "changed \\Files\\page.bin: attributes",
                  "changed \\Files\\program.exe: security", "changed \\Files\\symlink: reparse",
                  "changed \\Files\\zeros.bin: streams :new"));
  EXPECT_THAT(compare({.ignored = field::kData | field::kStreams | field::kReparse |
                                  field::kAttributes | field::kTimes}),
              ElementsAre("changed \\Files\\eas: extended-attributes",
                          "changed \\Files\\program.exe: security"));
}

TEST_F(Diff, ReportsTheStreamsThatDiffer) {
  ImageWriter writer = fork();
  writer.add_alternate_stream({path("Files/small.txt"), u"Zone.Identifier"}, 3);
  writer.write(as_bytes("[X]"));
  writer.add_alternate_stream({path("Files/small.txt"), u"more"}, 1);
  writer.commit();
  EXPECT_THAT(compare(), ElementsAre("changed \\Files\\link.txt: streams :more :Zone.Identifier",
                                     "changed \\Files\\small.txt: streams :more :Zone.Identifier"));
}

TEST_F(Diff, ReportsAddedAndRemovedLinks) {
  ImageWriter writer = fork();
  writer.remove(path("Files/small.txt"));
  put(writer, "Files/small.txt", as_bytes("small"),
      {.attributes = attribute::kReadOnly | attribute::kHidden, .times = {{1}, {2}, {3}, {4}}});
  writer.remove(path("Files/page.bin"));
  writer.add_link(path("Files/page.bin"), path("Files/again.bin"));
  writer.commit();
  EXPECT_THAT(compare(), ElementsAre("changed \\Files\\page.bin: links",
                                     "changed \\Files\\small.txt: streams,links :big "
                                     ":Zone.Identifier"));
}

TEST_F(Diff, ReportsChangesOfType) {
  ImageWriter writer = fork();
  writer.add(path("Files/page.bin"), directory_metadata());
  put(writer, "Files/page.bin/inside", as_bytes("x"));
  put(writer, "Files/empty", as_bytes("x"));
  writer.commit();
  EXPECT_THAT(compare(),
              ElementsAre("changed \\Files\\empty: type", "changed \\Files\\page.bin\\: type",
                          "added \\Files\\page.bin\\inside"));
}

TEST_F(Diff, ReportsChangesOfCase) {
  ImageWriter writer = fork();
  writer.remove(path("Files/page.bin"));
  put(writer, "Files/PAGE.bin", pattern(5000));
  writer.commit();
  EXPECT_THAT(compare(), ElementsAre("changed \\Files\\PAGE.bin: name"));
}

TEST_F(Diff, TreatsSparseDataAsZeros) {
  // "zeros.bin" is sparse in the sample; a file that is not all zeros is data.
  ImageWriter writer = fork();
  Bytes zeros(10000);
  zeros.back() = std::byte{1};
  put(writer, "Files/zeros.bin", zeros);
  writer.commit();
  EXPECT_THAT(compare(), ElementsAre("changed \\Files\\zeros.bin: data"));
}

TEST_F(Diff, EndsIfTheSinkReturnsFalse) {
  ImageWriter writer = fork();
  put(writer, "x", {});
  put(writer, "y", {});
  writer.commit();
  unsigned calls = 0;
  diff(before_, after_, {}, [&calls](const Difference&) { return ++calls == 0; });
  EXPECT_EQ(calls, 1U);
  std::stop_source source;
  source.request_stop();
  expect_error(ErrorCode::kCancelled, "stopped", [&] { compare({.stop = source.get_token()}); });
}

TEST_F(Diff, OfForksDoesNotReadSharedData) {
  fork().commit();
  const auto other = directory_.path() / "other.cim";
  ImageWriter writer(other, {.base = before_});
  put(writer, "x", {});
  writer.commit();
  before_ = other;
  EXPECT_THAT(compare(), ElementsAre("removed \\x"));
  EXPECT_EQ(summary_.compared_bytes, 0U);
}

TEST_F(Diff, OfAMissingImageIsAnError) {
  expect_error(ErrorCode::kNotFound, "after.cim", [this] { compare(); });
}

}  // namespace
}  // namespace cim
