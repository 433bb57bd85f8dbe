// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The verbs that show the contents of an image: info, ls, tree, stat, cat.

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_cim.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using cim::test::path;
using cim::test::pattern;
using cim::test::put;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class Inspection : public testing::Test {
 protected:
  Inspection() { cim::test::write_sample_image(image_); }

  Outcome cim(std::vector<std::string> arguments, const Terminals& terminals = {}) const {
    return run_cim(arguments, terminals);
  }

  cim::test::TemporaryDirectory directory_;
  std::string image_ = (directory_.path() / "sample.cim").string();
};

TEST_F(Inspection, LsListsInTheOrderOfTheImage) {
  const Outcome outcome = cim({"ls", image_, "files"});
  EXPECT_EQ(outcome.status, kSuccess);
  EXPECT_EQ(outcome.output,
            "again.bin\neas\nempty\nlink.txt\nnothing\npage.bin\nprogram.exe\nsmall.txt\nsymlink\n"
            "zeros.bin\n");
  EXPECT_EQ(outcome.errors, "");
}

TEST_F(Inspection, LsListsTheRootByDefault) {
  EXPECT_EQ(cim({"ls", image_}).output, "Files\n");
}

TEST_F(Inspection, LsTakesSlashesOfBothKinds) {
  EXPECT_EQ(cim({"ls", image_, "\\Files\\small.txt"}).output, "small.txt\n");
  EXPECT_EQ(cim({"ls", image_, "/Files/SMALL.TXT"}).output, "SMALL.TXT\n");
}

TEST_F(Inspection, LsLongShowsAttributesSizeTimeAndTarget) {
  const Outcome outcome = cim({"ls", "-l", image_, "Files"});
  EXPECT_THAT(outcome.output, HasSubstr("--rh---             5 1601-01-01 00:00:00 small.txt\n"));
  EXPECT_THAT(outcome.output, HasSubstr("d------             0 1601-01-01 00:00:00 empty\n"));
  EXPECT_THAT(outcome.output,
              HasSubstr("-----l-             0 1601-01-01 00:00:00 symlink -> \\b\n"));
}

TEST_F(Inspection, LsRecursiveShowsPaths) {
  const Outcome outcome = cim({"ls", "-R", image_});
  EXPECT_THAT(outcome.output, StartsWith("Files\nFiles/again.bin\n"));
}

TEST_F(Inspection, LsShowsIdsThatLinksShare) {
  const Outcome outcome = cim({"ls", "--ids", image_, "Files"});
  const auto id_of = [&](const std::string& name) {
    const std::size_t at = outcome.output.find(" " + name + "\n");
    return outcome.output.substr(at - 9, 9);
  };
  EXPECT_EQ(id_of("link.txt"), id_of("small.txt"));
  EXPECT_NE(id_of("page.bin"), id_of("small.txt"));
}

TEST_F(Inspection, LsAsJson) {
  const Outcome outcome = cim({"ls", "--json", image_, "Files"});
  const json entries = json::parse(outcome.output);
  ASSERT_EQ(entries.size(), 10U);
  const json& small = entries[7];
  EXPECT_EQ(small["path"], "Files/small.txt");
  EXPECT_EQ(small["type"], "file");
  EXPECT_EQ(small["attributes"], json::parse(R"(["readonly", "hidden"])"));
  EXPECT_EQ(small["size"], 5);
  EXPECT_EQ(small["created"], "1601-01-01T00:00:00.0000001Z");
  EXPECT_EQ(small["storage"], "data");
  EXPECT_EQ(small["has_streams"], true);
  EXPECT_EQ(entries[8]["target"], "\\b");
}

TEST_F(Inspection, LsOfNothingAsJsonIsAnEmptyList) {
  EXPECT_EQ(cim({"ls", "--json", image_, "Files/empty"}).output, "[]\n");
}

TEST_F(Inspection, LsEscapesNamesOnlyOnATerminal) {
  const std::string image = (directory_.path() / "odd.cim").string();
  ImageWriter writer(image);
  writer.add(ImagePath().child(u"a\x1b[31mb"), {});
  writer.add(ImagePath().child(std::u16string(u"c") + char16_t{0xDC00}), {});
  writer.commit();
  EXPECT_EQ(cim({"ls", image}).output, "a\x1b[31mb\nc\xed\xb0\x80\n");
  EXPECT_EQ(cim({"ls", image}, {.output = {.is_terminal = true}}).output,
            "a\\x1b[31mb\nc\\udc00\n");
  const json entries = json::parse(cim({"ls", "--json", image}).output);
  EXPECT_EQ(entries[1]["path"], "c\xef\xbf\xbd");
  EXPECT_EQ(entries[1]["path_utf16le"], "630000dc");
}

TEST_F(Inspection, AMissingPathIsAFailure) {
  const Outcome outcome = cim({"ls", image_, "Files/none"});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.errors, "cim: " + image_ + ": \\Files\\none does not exist\n");
  EXPECT_THAT(cim({"ls", "/nowhere.cim"}).errors, StartsWith("cim: /nowhere.cim: "));
}

TEST_F(Inspection, MissingArgumentsAreWrongUsage) {
  EXPECT_EQ(cim({"ls"}).status, kUsage);
  EXPECT_THAT(cim({"ls"}).errors, HasSubstr("IMAGE is missing"));
  EXPECT_EQ(cim({"cat", image_}).status, kUsage);
  EXPECT_EQ(cim({"tree", "--depth", "x", image_}).status, kUsage);
}

TEST_F(Inspection, TreeDrawsLines) {
  const Outcome outcome = cim({"tree", image_});
  EXPECT_THAT(outcome.output,
              StartsWith(image_ + "\n`-- Files\n    |-- again.bin\n    |-- eas\n    |-- empty\n"));
  EXPECT_THAT(outcome.output, HasSubstr("    `-- zeros.bin\n\n2 directories, 9 files\n"));
  EXPECT_THAT(outcome.output, HasSubstr("|-- symlink -> \\b\n"));
  EXPECT_THAT(cim({"tree", image_}, {.output = {.is_utf8 = true}}).output,
              HasSubstr("└── Files\n    ├── again.bin\n"));
}

TEST_F(Inspection, TreeStopsAtADepth) {
  EXPECT_EQ(cim({"tree", "--depth", "1", image_}).output,
            image_ + "\n`-- Files\n\n1 directory, 0 files\n");
}

TEST_F(Inspection, CatWritesBytesAsTheyAre) {
  const Bytes page = pattern(5000);
  EXPECT_EQ(cim({"cat", image_, "Files/page.bin"}).output, as_text(page));
  EXPECT_EQ(cim({"cat", image_, "Files/zeros.bin"}).output, std::string(10000, '\0'));
  EXPECT_EQ(cim({"cat", image_, "Files/nothing"}).output, "");
}

TEST_F(Inspection, CatWritesStreams) {
  EXPECT_EQ(cim({"cat", image_, "Files/link.txt:zone.identifier"}).output, "[Z]");
  EXPECT_EQ(cim({"cat", image_, "Files/link.txt:Zone.Identifier:$DATA"}).output, "[Z]");
  const Outcome outcome = cim({"cat", image_, "Files/small.txt:none"});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_THAT(outcome.errors, HasSubstr("has no stream of that name"));
}

TEST_F(Inspection, CatOfADirectoryIsAFailure) {
  const Outcome outcome = cim({"cat", image_, "Files"});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_THAT(outcome.errors, HasSubstr("\\Files is a directory"));
}

TEST_F(Inspection, CatIntoAClosedPipePrintsNoMessage) {
  FailingSink sink(FailingSink::Fault::kBrokenPipe);
  const Outcome outcome = run_cim_into(sink, {"cat", image_, "Files/page.bin"});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_EQ(outcome.errors, "");
}

TEST_F(Inspection, FullDiskUnderAListingIsAFailure) {
  FailingSink sink(FailingSink::Fault::kFullDisk, 4);
  const Outcome outcome = run_cim_into(sink, {"ls", image_, "Files"});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_THAT(outcome.errors, HasSubstr("No space left"));
}

TEST_F(Inspection, InfoDescribesTheImage) {
  const Outcome outcome = cim({"info", image_});
  EXPECT_EQ(outcome.status, kSuccess);
  EXPECT_THAT(outcome.output, HasSubstr("\nformat version        2.0\n"));
  EXPECT_THAT(outcome.output,
              HasSubstr("\nregion set            c1a1b1e5-0000-4000-8000-000000000001\n"
                        "  region_c1a1b1e5-0000-4000-8000-000000000001_0  "));
  EXPECT_THAT(outcome.output, HasSubstr("\nhard links            1\n"));
  EXPECT_THAT(outcome.output, HasSubstr("\nexecutables           1 expanded\n"));
  EXPECT_THAT(cim({"info", "--executables", image_}).output,
              HasSubstr("\nexecutables           1 expanded, 0 plain\n"));
}

TEST_F(Inspection, InfoAsJson) {
  const json answer = json::parse(cim({"info", "--json", image_}).output);
  EXPECT_EQ(answer["version"], "2.0");
  EXPECT_EQ(answer["region_sets"][0]["guid"], "c1a1b1e5-0000-4000-8000-000000000001");
  EXPECT_EQ(answer["region_sets"][0]["regions"][1]["type"], "page-aligned-data");
  EXPECT_EQ(answer["files"], 8);
  EXPECT_EQ(answer["hard_links"], 1);
  EXPECT_EQ(answer["streams"], 2);
  EXPECT_EQ(answer["reparse_points"], 1);
  EXPECT_GE(answer["deduplicated_bytes"], 5000);
  EXPECT_EQ(answer["sparse_bytes"], 10000);
  EXPECT_EQ(answer["expanded_executables"], 1);
  EXPECT_FALSE(answer.contains("plain_executables"));
}

TEST_F(Inspection, InfoCountsWhyExecutablesAreNotExpanded) {
  const std::string image = (directory_.path() / "plain.cim").string();
  ImageWriter writer(image);
  put(writer, "dos.exe", as_bytes("MZ" + std::string(100, '.')));
  writer.commit();
  const json answer = json::parse(cim({"info", "--json", "--executables", image}).output);
  EXPECT_EQ(answer["plain_executables"], json::parse(R"({"a DOS program": 1})"));
  EXPECT_THAT(cim({"info", "--executables", image}).output,
              HasSubstr("0 expanded, 1 plain\n          1  a DOS program\n"));
}

TEST_F(Inspection, ImagesMayHaveTheNamesOfVerbs) {
  const auto here = std::filesystem::current_path();
  std::filesystem::create_directory(directory_.path() / "another");
  std::filesystem::current_path(directory_.path() / "another");
  cim::test::write_sample_image("tree");
  const Outcome outcome = cim({"ls", "tree"});
  std::filesystem::current_path(here);
  EXPECT_EQ(outcome.output, "Files\n");
}

}  // namespace
}  // namespace cim::cli::test
