// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "cli/run_cim.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using cim::test::EntryBytes;
using testing::HasSubstr;

class LayerCommitVerb : public testing::Test {
 protected:
  LayerCommitVerb() {
    const auto tar = directory_.path() / "layer.tar";
    std::ofstream(tar, std::ios::binary)
        << EntryBytes{.name = "Files", .type = '5'}.bytes()
        << EntryBytes{.name = "Files/a.txt", .body = "hello"}.bytes() << cim::test::end_marker();
    EXPECT_EQ(run_cim({"layer", "import", tar.string(), base_}).status, kSuccess);
    std::filesystem::create_directories(upper_ / "Files");
    std::ofstream(upper_ / "Files/b.txt") << "changed";
    std::ofstream(upper_ / "Files/.wh.a.txt") << "";
  }

  Outcome commit(std::vector<std::string> options) const {
    options.insert(options.begin(), {"layer", "commit", upper_.string(), child_});
    return run_cim(options);
  }

  cim::test::TemporaryDirectory directory_;
  std::string base_ = (directory_.path() / "store/base").string();
  std::string child_ = (directory_.path() / "store/child").string();
  std::string image_ = (directory_.path() / "store/cim-layers/child.cim").string();
  std::filesystem::path upper_ = directory_.path() / "upper";
};

TEST_F(LayerCommitVerb, CreatesALayerAndPrintsASummary) {
  const Outcome outcome = commit({"--parent", base_});
  EXPECT_EQ(outcome.status, kSuccess) << outcome.errors;
  EXPECT_THAT(outcome.errors, HasSubstr("committed 1 directory, 1 file and 0 links with 7 B, and "
                                        "1 removal, into " +
                                        image_));
  EXPECT_EQ(run_cim({"cat", image_, "Files/b.txt"}).output, "changed");
  EXPECT_EQ(run_cim({"cat", image_, "Files/a.txt"}).status, kFailure);
}

TEST_F(LayerCommitVerb, AsJson) {
  const auto answer = nlohmann::json::parse(commit({"--parent", base_, "--json"}).output);
  EXPECT_EQ(answer["image"], image_);
  EXPECT_EQ(answer["files"], 1);
  EXPECT_EQ(answer["removed"], 1);
  EXPECT_EQ(answer["bytes"], 7);
}

TEST_F(LayerCommitVerb, RequiresAParent) {
  const Outcome outcome = commit({});
  EXPECT_NE(outcome.status, kSuccess);
  EXPECT_THAT(outcome.errors, HasSubstr("--parent is required"));
}

TEST_F(LayerCommitVerb, AFailurePrintsOneLineAndLeavesNothing) {
  ASSERT_EQ(::mkfifo((upper_ / "Files/pipe").c_str(), 0600), 0);
  const Outcome outcome = commit({"--parent", base_});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_THAT(outcome.errors, HasSubstr("neither a file nor a directory"));
  EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1);
  EXPECT_FALSE(std::filesystem::exists(child_));
  EXPECT_FALSE(std::filesystem::exists(image_));
}

}  // namespace
}  // namespace cim::cli::test
