// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The verb `extract`; the written files are tested in tests/image.

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_cim.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class ExtractVerb : public testing::Test {
 protected:
  ExtractVerb() { cim::test::write_sample_image(image_); }

  cim::test::TemporaryDirectory directory_;
  std::string image_ = (directory_.path() / "sample.cim").string();
  std::string destination_ = (directory_.path() / "out").string();
};

TEST_F(ExtractVerb, PrintsWhatItWrote) {
  const Outcome outcome = run_cim({"extract", image_, destination_});
  EXPECT_EQ(outcome.status, kSuccess);
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.errors, StartsWith("extracted 2 directories, 7 files, 2 links, 2 streams, "));
  EXPECT_TRUE(std::filesystem::exists(destination_ + "/Files/small.txt"));
}

TEST_F(ExtractVerb, TakesThePathBetweenImageAndDestination) {
  EXPECT_EQ(run_cim({"extract", image_, "Files/small.txt", destination_}).status, kSuccess);
  EXPECT_TRUE(std::filesystem::exists(destination_ + "/small.txt"));
}

TEST_F(ExtractVerb, QuietPrintsNothing) {
  const Outcome outcome = run_cim({"extract", "-q", image_, destination_});
  EXPECT_EQ(outcome.status, kSuccess);
  EXPECT_EQ(outcome.errors, "");
}

TEST_F(ExtractVerb, AsJson) {
  const Outcome outcome = run_cim({"extract", "--json", image_, destination_});
  const auto answer = nlohmann::json::parse(outcome.output);
  EXPECT_EQ(answer["directories"], 2);
  EXPECT_EQ(answer["skipped"], 0);
  EXPECT_EQ(outcome.errors, "");
}

TEST_F(ExtractVerb, SkippedEntriesAreAFailure) {
  const std::string image = (directory_.path() / "long.cim").string();
  ImageWriter writer(image);
  writer.add(ImagePath().child(std::u16string(255, u'東')), {});
  writer.commit();
  const Outcome outcome = run_cim({"extract", image, destination_});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_THAT(outcome.errors, StartsWith("cim: warning: "));
  EXPECT_THAT(outcome.errors, EndsWith("\ncim: " + destination_ + ": 1 entry was skipped\n"));
}

TEST_F(ExtractVerb, ShowsProgressOnATerminal) {
  const Outcome outcome =
      run_cim({"extract", image_, destination_}, {.errors = {.is_terminal = true, .width = 100}});
  EXPECT_THAT(outcome.errors, StartsWith("\rextracting  ["));
  EXPECT_THAT(outcome.errors, HasSubstr(" \rextracted 2 directories"));
}

}  // namespace
}  // namespace cim::cli::test
