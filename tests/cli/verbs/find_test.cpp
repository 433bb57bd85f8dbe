// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The forms of output and the words of `cim find`; tests/image/find has what is found.

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/find_criteria.h"
#include "cli/run_cim.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using cim::test::path;
using cim::test::put;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class FindVerb : public testing::Test {
 protected:
  FindVerb() { cim::test::write_sample_image(image_); }

  Outcome find(std::vector<std::string> arguments, const Terminals& terminals = {}) const {
    arguments.insert(arguments.begin(), {"find", image_});
    return run_cim(arguments, terminals);
  }

  cim::test::TemporaryDirectory directory_;
  std::string image_ = (directory_.path() / "sample.cim").string();
};

TEST_F(FindVerb, PrintsPathsOnePerLine) {
  const Outcome outcome = find({"--name", "*.bin"});
  EXPECT_EQ(outcome.status, kSuccess);
  EXPECT_EQ(outcome.output, "Files/again.bin\nFiles/page.bin\nFiles/zeros.bin\n");
  EXPECT_EQ(find({"-0", "--name", "page*"}).output, std::string("Files/page.bin\0", 15));
}

TEST_F(FindVerb, TakesPatternsAndDirectoriesAsPaths) {
  EXPECT_EQ(find({"**/*.TXT"}).output, "Files/link.txt\nFiles/small.txt\n");
  EXPECT_EQ(find({"files/empty", "files/eas"}).output, "files/empty\nfiles/eas\n");
  EXPECT_EQ(find({"files", "*.txt"}).status, kUsage);
  EXPECT_EQ(find({"nowhere"}).status, kFailure);
}

TEST_F(FindVerb, UnderstandsSizesTimesAndAttributes) {
  EXPECT_EQ(find({"--size", "+5K", "--size", "-7K"}).output, "Files/program.exe\n");
  EXPECT_EQ(find({"--size", "5000"}).output, "Files/again.bin\nFiles/page.bin\n");
  EXPECT_EQ(find({"--attributes", "hidden,readonly,!system"}).output,
            "Files/link.txt\nFiles/small.txt\n");
  EXPECT_EQ(find({"--older", "1700-01-01", "--name", "small*"}).output, "Files/small.txt\n");
  for (const auto& wrong : std::vector<std::vector<std::string>>{{"--size", "big"},
                                                                 {"--size", "-0"},
                                                                 {"--size", ""},
                                                                 {"--older", "yesterday"},
                                                                 {"--attributes", "blue"},
                                                                 {"--reparse", "0xyz"},
                                                                 {"--owner", "nobody"},
                                                                 {"--owner", ""},
                                                                 {"--content-hex", "abc"},
                                                                 {"--content-hex", "gg"},
                                                                 {"--hash", "crc32"},
                                                                 {"--type", "x"}}) {
    EXPECT_EQ(find(wrong).status, kUsage) << wrong.front() << " " << wrong.back();
  }
}

TEST_F(FindVerb, SearchesTextInBothEncodings) {
  const std::string other = (directory_.path() / "text.cim").string();
  {
    ImageWriter writer(other, {.region_set = Guid{}, .now = FileTime{1}});
    put(writer, "utf8", as_bytes("a word"));
    put(writer, "utf16", as_bytes(std::string_view("w\0o\0r\0d\0", 8)));
    put(writer, "other", as_bytes("a w o r d"));
    writer.commit();
  }
  EXPECT_EQ(run_cim({"find", other, "--content", "word"}).output, "utf16\nutf8\n");
  EXPECT_EQ(run_cim({"find", other, "--content-hex", "6f2072"}).output, "other\n");
}

TEST_F(FindVerb, PrintsDigestsAsSumPrograms) {
  EXPECT_EQ(find({"--hash", "md5", "--name", "small.txt"}).output,
            "eb5c1399a871211c7e7ed732d15e3a8b  Files/small.txt\n");
}

TEST_F(FindVerb, PrintsJson) {
  const json list = json::parse(find({"--json", "--type", "stream", "--name", "small*"}).output);
  ASSERT_EQ(list.size(), 2);
  EXPECT_EQ(list[0]["path"], "Files/small.txt");
  EXPECT_EQ(list[0]["stream"], "big");
  EXPECT_EQ(list[0]["size"], 4096);
  const json line = json::parse(find({"--json-lines", "--hash", "sha1", "--name", "eas"}).output);
  EXPECT_EQ(line["path"], "Files/eas");
  EXPECT_EQ(line["sha1"], "58e6b3a414a1e090dfc6029add0f3555ccba127f");
}

TEST_F(FindVerb, PrintsABodyfile) {
  EXPECT_THAT(find({"--bodyfile", "--name", "small.txt"}).output,
              testing::MatchesRegex("0\\|/Files/small\\.txt\\|[0-9]+\\|r/rr-xr-xr-x\\|0\\|0\\|5\\|"
                                    "-11644473600\\|-11644473600\\|-11644473600\\|-11644473600\n"));
  EXPECT_THAT(find({"--bodyfile", "--name", "symlink"}).output,
              HasSubstr(R"(/Files/symlink -> \b|)"));
}

TEST_F(FindVerb, PrintsCsv) {
  EXPECT_EQ(find({"--csv", "--name", "small.txt", "--type", "stream", "--size", "3"}).output,
            "path,stream,type,size,created,written,changed,accessed,attributes,target\r\n"
            "/Files/small.txt,:Zone.Identifier,stream,3,1601-01-01T00:00:00.0000001Z,"
            "1601-01-01T00:00:00.0000002Z,1601-01-01T00:00:00.0000003Z,"
            "1601-01-01T00:00:00.0000004Z,readonly|hidden,\r\n");
}

TEST_F(FindVerb, HostileNamesCannotForgeLinesOrFields) {
  const std::string other = (directory_.path() / "names.cim").string();
  {
    ImageWriter writer(other, {.region_set = Guid{}, .now = FileTime{1}});
    put(writer, "a|b\n,\"=1", {});
    writer.commit();
  }
  EXPECT_THAT(run_cim({"find", other, "--bodyfile", "--type", "f"}).output,
              StartsWith("0|/a%7Cb\\x0a,\"=1|"));
  EXPECT_THAT(run_cim({"find", other, "--csv", "--type", "f"}).output,
              HasSubstr("\r\n\"/a|b\\x0a,\"\"=1\",,file,"));
  EXPECT_EQ(run_cim({"find", other, "--type", "f"}, {.output = {.is_terminal = true}}).output,
            "a|b\\x0a,\"=1\n");
}

TEST_F(FindVerb, SearchesAllImagesOfAStore) {
  std::filesystem::create_directory(directory_.path() / "cim-layers");
  const std::string layer = (directory_.path() / "cim-layers/7.cim").string();
  {
    ImageWriter writer(layer, {.region_set = Guid{}, .now = FileTime{1}});
    put(writer, "page.bin", as_bytes("x"));
    writer.commit();
  }
  const std::string store = directory_.path().string();
  EXPECT_EQ(run_cim({"find", store, "--name", "page.bin"}).output,
            layer + ":page.bin\n" + image_ + ":Files/page.bin\n");
  EXPECT_EQ(run_cim({"find", store, "Files/empty"}).output, image_ + ":Files/empty\n");
  const json list = json::parse(run_cim({"find", "--json", store, "--name", "page.bin"}).output);
  EXPECT_EQ(list[0]["image"], layer);
}

TEST_F(FindVerb, RefusesTwoFormsAndADirectoryWithoutImages) {
  EXPECT_EQ(find({"--csv", "--bodyfile"}).status, kUsage);
  std::filesystem::create_directory(directory_.path() / "none");
  EXPECT_EQ(run_cim({"find", (directory_.path() / "none").string()}).status, kFailure);
}

TEST(ParseTime, AcceptsDatesWithAndWithoutATime) {
  EXPECT_EQ(parse_time("1970-01-01"), FileTime::from_unix({0, 0}));
  EXPECT_EQ(parse_time("1970-01-02T01:02:03Z"), FileTime::from_unix({86400 + 3723, 0}));
  EXPECT_EQ(parse_time("1970-01-01T01:00"), FileTime::from_unix({3600, 0}));
  for (const char* const wrong : {"", "1970", "1970-1-1", "1970-02-30", "1970-01-01T25:00",
                                  "1970-01-01T00:00:00x", "1970-01-01 00:00", "1500-01-01"}) {
    EXPECT_EQ(parse_time(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace cim::cli::test
