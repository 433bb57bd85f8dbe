// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The verbs that check and maintain images: check, diff, files, gc.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_cim.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kSet = cim::test::kSampleGuid.to_string();
const std::string kLost = "44444444-0000-4000-8000-000000000004";

class Care : public testing::Test {
 protected:
  Care() { cim::test::write_sample_image(image_); }

  std::string at(const std::string& name) const { return (directory_.path() / name).string(); }
  void spoil(const std::string& name, long offset) const {
    std::fstream file(at(name), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(offset);
    file.put('\x77');
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  void leave_behind() const {
    std::ofstream(at("region_" + kLost + "_0")) << std::string(11, '\0');
    std::ofstream(at(".8.cim." + kLost + ".tmp")) << "x";
  }

  cim::test::TemporaryDirectory directory_;
  std::string image_ = at("sample.cim");
};

TEST_F(Care, CheckOfACleanImageFindsNothing) {
  const Outcome outcome = run_cim({"check", image_});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.errors, image_ + ": clean: 3 directories, 8 files\n");
  EXPECT_EQ(run_cim({"check", "-q", image_}).errors, "");
}

TEST_F(Care, CheckReportsFaultsAndExitsWithOne) {
  spoil("region_" + kSet + "_2", 24);
  const Outcome outcome = run_cim({"check", image_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.output, "warning: " + at("region_" + kSet + "_2") +
                                ": at byte 24: a reserved field is not zero [reserved]\n");
  EXPECT_THAT(outcome.errors, HasSubstr("0 faults, 1 warning"));
}

TEST_F(Care, CheckFindsDamagedDataOnlyWithDeep) {
  spoil("region_" + kSet + "_1", 4097);
  EXPECT_EQ(run_cim({"check", image_}).status, 0);
  const Outcome outcome = run_cim({"check", "--deep", image_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("at byte 4096: \\Files\\page.bin: the 5000 bytes of this "
                                        "object do not match its digest [object-digest]"));
  EXPECT_THAT(outcome.errors, HasSubstr("objects verified"));
}

TEST_F(Care, CheckExitsWithTwoOnFailure) {
  const Outcome missing = run_cim({"check", at("none.cim")});
  EXPECT_EQ(missing.status, 2);
  EXPECT_THAT(missing.errors, HasSubstr("none.cim"));
  spoil("sample.cim", 16);
  const Outcome unknown = run_cim({"check", image_});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("format version 119.0"));
}

TEST_F(Care, CheckEscapesNamesForTheTerminal) {
  {
    ImageWriter writer(at("odd.cim"));
    cim::test::put(writer, "a\x1b[31m", as_bytes("x"));
    writer.commit();
  }
  // The first byte in the image's own region of small data is the file's only byte.
  for (const std::string& name : names()) {
    if (name.starts_with("region_") && name.ends_with("_2") && name.find(kSet) == name.npos) {
      spoil(name, 40);
    }
  }
  const std::vector<std::string> deep = {"check", "--deep", at("odd.cim")};
  EXPECT_THAT(run_cim(deep, {.output = {.is_terminal = true}}).output, HasSubstr("\\a\\x1b[31m: "));
  EXPECT_THAT(run_cim(deep).output, HasSubstr("\\a\x1b[31m: "));
}

TEST_F(Care, CheckPrintsJson) {
  spoil("region_" + kSet + "_1", 4097);
  const Outcome outcome = run_cim({"check", "--deep", "--json", image_});
  EXPECT_EQ(outcome.status, 1);
  const json answer = json::parse(outcome.output);
  EXPECT_EQ(answer["clean"], false);
  EXPECT_EQ(answer["faults"], 1);
  EXPECT_EQ(answer["files"], 8);
  ASSERT_EQ(answer["findings"].size(), 1U);
  const json& finding = answer["findings"][0];
  EXPECT_EQ(finding["kind"], "object-digest");
  EXPECT_EQ(finding["severity"], "fault");
  EXPECT_EQ(finding["offset"], 4096);
  EXPECT_EQ(finding["path"], "\\Files\\page.bin");
}

TEST_F(Care, DiffListsDifferencesAndExitsWithOne) {
  EXPECT_EQ(run_cim({"diff", image_, image_}).status, 0);
  {
    ImageWriter writer(at("fork.cim"), {.base = image_});
    cim::test::put(writer, "Files/page.bin", as_bytes("x"), {.times = {{1}, {}, {}, {}}});
    writer.add_alternate_stream({cim::test::path("Files/eas"), u"s"}, 0);
    writer.add(cim::test::path("new"), cim::test::directory_metadata());
    writer.remove(cim::test::path("Files/nothing"));
    writer.commit();
  }
  const Outcome outcome = run_cim({"diff", image_, at("fork.cim")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.output,
            "changed  Files/eas  (streams :s)\nremoved  Files/nothing\n"
            "changed  Files/page.bin  (data, times)\nadded    new/\n");
  const Outcome quiet = run_cim({"diff", "-q", image_, at("fork.cim")});
  EXPECT_EQ(quiet.status, 1);
  EXPECT_EQ(quiet.output, "");
  const json answer =
      json::parse(run_cim({"diff", "--json", "--ignore", "times", image_, at("fork.cim")}).output);
  ASSERT_EQ(answer.size(), 4U);
  EXPECT_EQ(answer[0]["streams"][0], "s");
  EXPECT_EQ(answer[2]["path"], "Files/page.bin");
  EXPECT_EQ(answer[2]["fields"], json({"data"}));
  EXPECT_EQ(answer[3]["change"], "added");
}

TEST_F(Care, DiffExitsWithTwoOnFailure) {
  EXPECT_EQ(run_cim({"diff", image_, at("none.cim")}).status, 2);
  EXPECT_EQ(run_cim({"diff", image_}).status, 2);
  EXPECT_EQ(run_cim({"diff", "--ignore", "nonsense", image_, image_}).status, 2);
}

TEST_F(Care, FilesListsWhatAnImageNeeds) {
  const Outcome outcome = run_cim({"files", image_});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.output, StartsWith(image_ + "\n" + at("region_" + kSet + "_0") + "\n" +
                                         at("objectid_" + kSet + "_0") + "\n"));
  EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 7);
}

TEST_F(Care, FilesFailsForAMissingRegion) {
  std::filesystem::remove(at("region_" + kSet + "_1"));
  std::filesystem::remove(at("objectid_" + kSet + "_2"));
  const Outcome outcome = run_cim({"files", "-l", image_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("   missing  region      own"));
  EXPECT_EQ(outcome.errors, "cim: " + at("region_" + kSet + "_1") + ": missing\n");
  const json answer = json::parse(run_cim({"files", "--json", image_}).output);
  ASSERT_EQ(answer.size(), 7U);
  EXPECT_EQ(answer[0]["kind"], "filesystem");
  EXPECT_EQ(answer[3]["missing"], true);
  EXPECT_EQ(answer[3]["region_set"], kSet);
}

TEST_F(Care, GcRemovesGarbageUnlessItIsADryRun) {
  leave_behind();
  const Outcome dry = run_cim({"gc", "--dry-run", directory_.path().string()});
  EXPECT_EQ(dry.status, 0);
  EXPECT_EQ(dry.output,
            at(".8.cim." + kLost + ".tmp") + "\n" + at("region_" + kLost + "_0") + "\n");
  EXPECT_THAT(dry.errors, HasSubstr("2 files, 12 B, could be removed"));
  const Outcome wet = run_cim({"gc", directory_.path().string()});
  EXPECT_EQ(wet.status, 0);
  EXPECT_EQ(wet.output, "");
  EXPECT_THAT(wet.errors, HasSubstr("2 files, 12 B, removed"));
  EXPECT_FALSE(std::filesystem::exists(at("region_" + kLost + "_0")));
  EXPECT_EQ(run_cim({"check", "--deep", image_}).status, 0);
}

TEST_F(Care, GcPrintsJson) {
  leave_behind();
  const json answer =
      json::parse(run_cim({"gc", "-n", "--json", directory_.path().string()}).output);
  EXPECT_EQ(answer["removed"], false);
  EXPECT_EQ(answer["bytes"], 12);
  EXPECT_EQ(answer["files"].size(), 2U);
}

TEST_F(Care, GcFailsIfAnImageCannotBeRead) {
  leave_behind();
  std::ofstream(at("broken.cim")) << "no image";
  const Outcome outcome = run_cim({"gc", directory_.path().string()});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("broken.cim: cannot determine which files it needs"));
  EXPECT_TRUE(std::filesystem::exists(at("region_" + kLost + "_0")));
}

}  // namespace
}  // namespace cim::cli::test
