// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Several paths, patterns and damaged images, as all verbs that read an image handle them.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cimlib/gc.h"
#include "cimlib/hive.h"

#include "cli/run_cim.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using cim::test::path;
using cim::test::put;
using nlohmann::json;
using testing::HasSubstr;

class ReadingVerbs : public testing::Test {
 protected:
  ReadingVerbs() {
    ImageWriter writer(image_, cim::test::sample_options());
    writer.add(path("dir"), cim::test::directory_metadata());
    writer.add(path("dir/below"), cim::test::directory_metadata());
    put(writer, "a.txt", as_bytes("a\n"));
    put(writer, "b.txt", as_bytes("b\n"));
    put(writer, "dir/c.txt", as_bytes("c\n"));
    put(writer, "dir/below/d.txt", as_bytes("d\n"));
    put(writer, "[x]", as_bytes("brackets\n"));
    put(writer, "x", as_bytes("x\n"));
    put(writer, "-l", as_bytes("dash\n"));
    put(writer, "large", cim::test::pattern(9000));
    put(writer, "\x1b[2J", as_bytes("hostile\n"));
    writer.add_alternate_stream(StreamPath::parse("b.txt:note"), 5);
    writer.write(as_bytes("note\n"));
    writer.commit();
  }

  Outcome run(std::vector<std::string> arguments) const {
    for (std::string& argument : arguments) {
      argument = argument == "IMAGE" ? image_ : argument;
    }
    return run_cim(arguments);
  }

  std::string region(unsigned index) const {
    return (directory_.path() /
            ("region_" + cim::test::kSampleGuid.to_string() + "_" + std::to_string(index)))
        .string();
  }

  cim::test::TemporaryDirectory directory_;
  std::string image_ = (directory_.path() / "image.cim").string();
  std::string hive_ = (directory_.path() / "hive").string();
};

TEST_F(ReadingVerbs, TakeSeveralPathsAndPatterns) {
  EXPECT_EQ(run({"cat", "IMAGE", "b.txt", "a.txt"}).output, "b\na\n");
  EXPECT_EQ(run({"cat", "IMAGE", "*.TXT"}).output, "a\nb\n");
  EXPECT_EQ(run({"cat", "IMAGE", "**/*.txt"}).output, "a\nb\nd\nc\n");
  EXPECT_EQ(run({"cat", "IMAGE", "*.txt:note"}).output, "note\n");
  EXPECT_EQ(run({"ls", "IMAGE", "?.txt"}).output, "a.txt\nb.txt\n");
  EXPECT_EQ(run({"ls", "IMAGE", "dir", "a.txt"}).output, "dir:\nbelow\nc.txt\na.txt\n");
  EXPECT_EQ(run({"ls", "-R", "IMAGE", "d*"}).output, "dir:\nbelow\nbelow/d.txt\nc.txt\n");
  EXPECT_EQ(json::parse(run({"stat", "--json", "IMAGE", "?.txt"}).output).size(), 2U);
  EXPECT_EQ(json::parse(run({"stat", "--json", "IMAGE", "a.txt"}).output)["path"], "a.txt");
}

TEST_F(ReadingVerbs, PreferFilesToPatterns) {
  EXPECT_EQ(run({"cat", "IMAGE", "[x]"}).output, "brackets\n");
  EXPECT_EQ(run({"cat", "IMAGE", "[xy]"}).output, "x\n");
  EXPECT_EQ(run({"cat", "IMAGE", "[[]x]"}).output, "brackets\n");
  EXPECT_EQ(run({"cat", "IMAGE", "[x,]"}).output, "x\n");
  EXPECT_EQ(run({"cat", "IMAGE", "--", "-l"}).output, "dash\n");
}

TEST_F(ReadingVerbs, FailForPathsAndPatternsWithoutFiles) {
  for (const char* const verb : {"cat", "ls", "stat"}) {
    const Outcome pattern = run({verb, "IMAGE", "*.exe"});
    EXPECT_EQ(pattern.status, kFailure);
    EXPECT_THAT(pattern.errors, HasSubstr("no file matches the pattern *.exe"));
    const Outcome several = run({verb, "IMAGE", "nothing", "a.txt"});
    EXPECT_EQ(several.status, kFailure) << verb;
    EXPECT_NE(several.output, "") << verb;
    EXPECT_THAT(several.errors, HasSubstr("\\nothing does not exist"));
  }
  EXPECT_EQ(run({"cat", "IMAGE"}).status, kUsage);
  EXPECT_EQ(run({"ls", "IMAGE", "[a"}).status, kFailure);
}

TEST_F(ReadingVerbs, ExtractSeveralPathsWithTheirDirectories) {
  const auto out = directory_.path() / "out";
  EXPECT_EQ(run({"extract", "IMAGE", "**/d.txt", "a.txt", out.string()}).status, kSuccess);
  EXPECT_TRUE(std::filesystem::exists(out / "dir/below/d.txt"));
  EXPECT_TRUE(std::filesystem::exists(out / "a.txt"));
  EXPECT_FALSE(std::filesystem::exists(out / "b.txt"));
  EXPECT_FALSE(std::filesystem::exists(out / "dir/c.txt"));
  EXPECT_EQ(run({"extract", "IMAGE", "dir/below", (directory_.path() / "one").string()}).status,
            kSuccess);
  EXPECT_TRUE(std::filesystem::exists(directory_.path() / "one/d.txt"));
}

TEST_F(ReadingVerbs, ListWhatCannotBeReadAtTheEnd) {
  std::filesystem::remove(region(1));
  const auto out = directory_.path() / "out";
  const Outcome extracted = run({"--json", "extract", "-k", "IMAGE", out.string()});
  EXPECT_EQ(extracted.status, kFailure);
  const json error = json::parse(extracted.errors.substr(0, extracted.errors.find('\n')))["error"];
  EXPECT_EQ(error["path"], "\\large");
  EXPECT_EQ(error["code"], "not-found");
  EXPECT_EQ(json::parse(extracted.output)["skipped"], 1);
  EXPECT_FALSE(std::filesystem::exists(out / "large"));
  EXPECT_TRUE(std::filesystem::exists(out / "x"));
  const Outcome found = run({"find", "--hash", "sha256", "-k", "IMAGE", "--name", "?????"});
  EXPECT_EQ(found.status, kFailure);
  EXPECT_THAT(found.output, HasSubstr("-  large\n"));
  EXPECT_THAT(found.errors, HasSubstr("cim: \\large: "));
  const auto tar = (directory_.path() / "rest.tar").string();
  EXPECT_EQ(run({"export", "IMAGE", tar}).status, kFailure);
  EXPECT_FALSE(std::filesystem::exists(tar));
  const Outcome exported = run({"export", "--keep-going", "IMAGE", tar});
  EXPECT_EQ(exported.status, kFailure);
  EXPECT_THAT(exported.errors, HasSubstr("cim: \\large: "));
  EXPECT_TRUE(std::filesystem::exists(tar));
}

TEST_F(ReadingVerbs, FindRegionsInOtherDirectories) {
  registry::HiveEditor("ROOT", FileTime{1}).save(hive_);
  {
    ImageWriter writer(directory_.path() / "fork.cim", {.base = image_});
    put(writer, "hive", read_whole_file(hive_, 1U << 20U));
    writer.commit();
  }
  std::filesystem::rename(directory_.path() / "fork.cim", image_);
  const auto elsewhere = directory_.path() / "elsewhere";
  std::filesystem::create_directory(elsewhere);
  for (const ImageFile& file : image_files(image_)) {
    if (file.kind == ImageFileKind::kRegion) {
      std::filesystem::rename(file.path, elsewhere / file.path.filename());
    }
  }
  const std::vector<std::vector<std::string>> commands = {
      {"ls", "IMAGE"},
      {"stat", "IMAGE"},
      {"tree", "IMAGE"},
      {"check", "IMAGE"},
      {"find", "IMAGE"},
      {"cat", "IMAGE", "a.txt"},
      {"info", "IMAGE"},
      {"diff", "IMAGE", "IMAGE"},
      {"files", "IMAGE"},
      {"export", "IMAGE", (directory_.path() / "regions.tar").string()},
      {"extract", "IMAGE", (directory_.path() / "extracted").string()},
      {"report", "IMAGE", "-o", (directory_.path() / "page.html").string()},
      {"hive", "ls", "--in", "IMAGE", "hive"},
      {"hive", "check", "--in", "IMAGE", "hive"},
      {"hive", "diff", "--in", "IMAGE", "hive", "hive"},
      {"cp", "IMAGE", (directory_.path() / "copies").string()}};
  std::filesystem::create_directory(directory_.path() / "copies");
  for (std::vector<std::string> command : commands) {
    EXPECT_NE(run(command).status, kSuccess) << command[0];
    command.insert(command.end(), {"--regions", elsewhere.string()});
    EXPECT_EQ(run(command).status, kSuccess) << command[0] << ": " << run(command).errors;
  }
  EXPECT_EQ(run({"ls", (directory_.path() / "copies/image.cim").string()}).status, kSuccess);
}

TEST_F(ReadingVerbs, UseOtherDirectoriesForImagesOnly) {
  EXPECT_EQ(run({"hive", "ls", "--regions", "x", hive_}).status, kUsage);
  EXPECT_EQ(run({"files", "--regions", "x", directory_.path().string()}).status, kUsage);
}

TEST_F(ReadingVerbs, CopyAnImageByATar) {
  const auto tar = (directory_.path() / "image.tar.gz").string();
  const auto copy = (directory_.path() / "copy.cim").string();
  EXPECT_EQ(run({"export", "IMAGE", tar}).status, kSuccess);
  EXPECT_EQ(run({"create", copy, tar}).status, kSuccess);
  EXPECT_EQ(run({"diff", "IMAGE", copy}).status, kSuccess);
  EXPECT_EQ(run({"create", "--metadata", copy, tar}).status, kUsage);
  EXPECT_EQ(run({"export", "--json", "IMAGE", "-"}).status, kUsage);
}

TEST_F(ReadingVerbs, GiveDescriptorsToFilesWithoutThem) {
  const auto tree = directory_.path() / "tree";
  std::filesystem::create_directories(tree / "dir");
  std::ofstream(tree / "dir/file") << "x";
  const auto image = [this](const char* name) { return (directory_.path() / name).string(); };
  const auto sddl = [&](const std::string& of, const std::string& file) {
    return json::parse(run({"--json", "stat", of, file}).output)["security"]["sddl"];
  };
  const std::string text = "O:BAG:SYD:P(A;OICI;FA;;;BA)(A;CI;FR;;;BU)";
  const std::string inherits = image("acl.cim");
  EXPECT_EQ(run({"create", "--acl", text, inherits, tree.string()}).status, kSuccess);
  EXPECT_EQ(sddl(inherits, "/"), text);
  EXPECT_EQ(sddl(inherits, "dir"), "O:BAG:SYD:AI(A;OICIID;FA;;;BA)(A;CIID;FR;;;BU)");
  EXPECT_EQ(sddl(inherits, "dir/file"), "O:BAG:SYD:AI(A;ID;FA;;;BA)");
  const std::string same = image("sddl.cim");
  EXPECT_EQ(run({"create", "--sddl", text, same, tree.string()}).status, kSuccess);
  EXPECT_EQ(sddl(same, "dir/file"), text);
  const std::string none = image("none.cim");
  EXPECT_EQ(run({"create", "--acl", "none", none, tree.string()}).status, kSuccess);
  const std::string plain = image("plain.cim");
  EXPECT_EQ(run({"create", plain, tree.string()}).status, kSuccess);
  EXPECT_EQ(sddl(none, "dir/file"), sddl(plain, "dir/file"));
}

TEST_F(ReadingVerbs, RefuseDescriptorsThatAreNotClear) {
  const std::string copy = (directory_.path() / "copy.cim").string();
  const std::string tree = directory_.path().string();
  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{
           {"--sddl", "nonsense"},
           {"--acl", "nonsense"},
           {"--acl", "D:(A;;FA;;;BA)"},  // of which files inherit nothing
           {"--acl", "none", "--sddl", "D:(A;;FA;;;BA)"}}) {
    std::vector<std::string> arguments = {"create", copy, tree};
    arguments.insert(arguments.end(), options.begin(), options.end());
    EXPECT_EQ(run(arguments).status, kUsage) << options[1];
  }
  EXPECT_FALSE(std::filesystem::exists(copy));
}

TEST_F(ReadingVerbs, ShowNamesSafelyOnATerminal) {
  const Terminals terminals = {.output = {.is_terminal = true}, .errors = {.is_terminal = true}};
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"ls", image_, "*"}, {"stat", image_, "*"}, {"find", image_}}) {
    EXPECT_EQ(run_cim(arguments, terminals).output.find('\x1b'), std::string::npos);
  }
  std::filesystem::remove(region(2));
  const Outcome outcome =
      run_cim({"extract", "-k", image_, (directory_.path() / "out").string()}, terminals);
  EXPECT_EQ(outcome.errors.find('\x1b'), std::string::npos);
  EXPECT_THAT(outcome.errors, HasSubstr("\\x1b[2J"));
}

}  // namespace
}  // namespace cim::cli::test
