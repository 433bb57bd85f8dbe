// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The verb `create`; the contents of images are tested in tests/image.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cimlib/image_writer.h"

#include "cli/run_cim.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class CreateVerb : public testing::Test {
 protected:
  CreateVerb() {
    std::filesystem::create_directory(from_);
    std::ofstream(from_ + "/file") << "text";
  }

  cim::test::TemporaryDirectory directory_;
  std::string from_ = (directory_.path() / "from").string();
  std::string image_ = (directory_.path() / "image.cim").string();
};

TEST_F(CreateVerb, PrintsWhatItCreated) {
  const Outcome outcome = run_cim({"create", image_, from_});
  EXPECT_EQ(outcome.status, kSuccess);
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.errors, StartsWith("created " + image_ + " with 1 directory, 1 file, "));
  EXPECT_EQ(run_cim({"cat", image_, "file"}).output, "text");
}

TEST_F(CreateVerb, AsJson) {
  const Outcome outcome = run_cim({"create", "--json", "--reproducible", image_, from_});
  const auto json = nlohmann::json::parse(outcome.output);
  EXPECT_EQ(json["files"], 1);
  EXPECT_EQ(json["bytes"], 4);
  EXPECT_EQ(json["skipped"], 0);
}

TEST_F(CreateVerb, SkippedEntriesAreAFailure) {
  std::ofstream(from_ + "/FILE") << "again";
  const Outcome outcome = run_cim({"create", image_, from_});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_THAT(outcome.errors, HasSubstr("file: skipped: another entry has the same name"));
  EXPECT_THAT(outcome.errors, HasSubstr("1 entry was skipped"));
}

TEST_F(CreateVerb, ListsSkippedEntriesAsJson) {
  std::ofstream(from_ + "/FILE") << "again";
  const Outcome outcome = run_cim({"create", "--json", image_, from_});
  EXPECT_EQ(outcome.status, kFailure);
  const auto json = nlohmann::json::parse(outcome.output);
  EXPECT_EQ(json["skipped"], 1);
  ASSERT_EQ(json["messages"].size(), 1U);
  EXPECT_THAT(json["messages"][0].get<std::string>(), HasSubstr("another entry has the same name"));
}

TEST_F(CreateVerb, NeverReplacesAnImage) {
  ASSERT_EQ(run_cim({"create", image_, from_}).status, kSuccess);
  const Outcome outcome = run_cim({"create", image_, from_});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_THAT(outcome.errors, HasSubstr("the image already exists"));
}

TEST_F(CreateVerb, NamesTheProcessThatHoldsTheLock) {
  const ImageWriter other(directory_.path() / "other.cim");
  const Outcome outcome = run_cim({"create", "--wait", "0", image_, from_});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_THAT(outcome.errors, HasSubstr("is writing images there"));
}

}  // namespace
}  // namespace cim::cli::test
