// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_cim.h"
#include "oci/layout_directory.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using cim::test::EntryBytes;
using nlohmann::json;
using testing::HasSubstr;

class OciImportVerb : public testing::Test {
 protected:
  static std::string tar_of(const std::string& name) {
    return EntryBytes{.name = "Files", .type = '5'}.bytes() +
           EntryBytes{.name = "Files/" + name, .body = "hello"}.bytes() + cim::test::end_marker();
  }

  std::string layout(const std::string& suffix = "") const {
    return layout_.path().string() + suffix;
  }

  cim::test::TemporaryDirectory directory_;
  cim::test::LayoutDirectory layout_{directory_.path() / "a:layout"};
  json small_ = layout_.add_image({tar_of("a.txt")});
  json large_ = layout_.add_image({tar_of("a.txt"), tar_of("b.txt")}, "10.0.26100.1");
  std::string store_ = (directory_.path() / "store").string();
};

TEST_F(OciImportVerb, PrintsALineForEachLayer) {
  layout_.write_index({large_});
  const Outcome outcome = run_cim({"oci", "import", layout(), store_});
  EXPECT_EQ(outcome.status, kSuccess) << outcome.errors;
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.errors, HasSubstr("): 2 entries with 5 B ("));
  EXPECT_THAT(outcome.errors, HasSubstr("\nlayer 2 ("));
  EXPECT_THAT(outcome.errors, HasSubstr("\nimported 2 layers into " + store_ + "/cim-layers/"));
  EXPECT_THAT(run_cim({"oci", "import", layout(), store_}).errors,
              HasSubstr("): in the store already\n"));
}

TEST_F(OciImportVerb, AsJson) {
  layout_.write_index({large_});
  const auto answer = json::parse(run_cim({"--json", "oci", "import", layout(), store_}).output);
  EXPECT_EQ(answer["manifest"], large_["digest"]);
  EXPECT_EQ(answer["platform"], "windows/amd64:10.0.26100.1");
  ASSERT_EQ(answer["layers"].size(), 2U);
  const json& top = answer["layers"][1];
  EXPECT_EQ(top["diff_id"], cim::test::digest_of(tar_of("b.txt")));
  EXPECT_EQ(top["reused"], false);
  EXPECT_EQ(top["entries"], 2);
  const std::string chain = top["chain_id"].get<std::string>().substr(7);
  EXPECT_EQ(top["directory"], store_ + "/" + chain);
  EXPECT_EQ(top["image"], store_ + "/cim-layers/" + chain + ".cim");
  EXPECT_EQ(run_cim({"cat", top["image"], "Files/a.txt"}).output, "hello");
}

TEST_F(OciImportVerb, TakesAReferenceAfterADirectoryWithColons) {
  layout_.write_index({cim::test::named(small_, "example.org/x:1"), large_});
  const Outcome outcome = run_cim({"oci", "import", layout(":example.org/x:1"), store_});
  EXPECT_THAT(outcome.errors, HasSubstr("imported 1 layer into"));
  EXPECT_THAT(run_cim({"oci", "import", layout(":y"), store_}).errors,
              HasSubstr("the layout has no image y"));
}

TEST_F(OciImportVerb, TakesAPlatform) {
  layout_.write_index({small_, large_});
  EXPECT_THAT(run_cim({"oci", "import", layout(), store_}).errors,
              HasSubstr("windows/amd64:10.0.20348.1 " + small_["digest"].get<std::string>() +
                        ", windows/amd64:10.0.26100.1 " + large_["digest"].get<std::string>()));
  EXPECT_EQ(
      run_cim({"oci", "import", "--platform", "windows/amd64:10.0.26100", layout(), store_}).status,
      kSuccess);
  const Outcome wrong = run_cim({"oci", "import", "--platform", "windows", layout(), store_});
  EXPECT_EQ(wrong.status, kUsage);
  EXPECT_THAT(wrong.errors, HasSubstr("--platform is OS/ARCHITECTURE[:OS_VERSION]"));
}

TEST_F(OciImportVerb, TakesADigest) {
  layout_.write_index({cim::test::named(small_, "x"), cim::test::named(large_, "x")});
  const std::string digest = small_["digest"];
  for (const char* const reference : {"", ":x"}) {
    EXPECT_THAT(run_cim({"oci", "import", layout(reference + ("@" + digest)), store_}).errors,
                HasSubstr("imported 1 layer into"));
  }
  EXPECT_THAT(run_cim({"oci", "import", layout(":y@" + digest), store_}).errors,
              HasSubstr("the layout has no image sha256:"));
}

TEST_F(OciImportVerb, AModifiedBlobPrintsOneLineAndLeavesNothing) {
  layout_.write_index({large_});
  std::filesystem::resize_file(layout_.blob(cim::test::digest_of(tar_of("b.txt"))), 100);
  const Outcome outcome = run_cim({"oci", "import", layout(), store_});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1);
  EXPECT_FALSE(std::filesystem::exists(store_));
}

TEST_F(OciImportVerb, ADestroyedLayerLeavesNothing) {
  layout_.write_index({small_});
  const auto answer = json::parse(run_cim({"--json", "oci", "import", layout(), store_}).output);
  const std::string layer = answer["layers"][0]["directory"];
  EXPECT_EQ(run_cim({"layer", "destroy", layer}).status, kSuccess);
  EXPECT_FALSE(std::filesystem::exists(layer));
}

TEST(RegistryVerbs, RejectNamesThatAreNoReferences) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"oci", "pull", "Host.x/App", "store"},
        {"oci", "pull", "https://host.x/app", "store"},
        {"oci", "tags", "host.x/app:1"},
        {"oci", "push", "layout", "host.x/app"},
        {"oci", "push", "oci:layout", "host.x/app:"},
        {"oci", "push", "--mount-from", "app:1", "oci:layout", "host.x/app"}}) {
    const Outcome outcome = run_cim(words);
    EXPECT_EQ(outcome.status, kUsage) << words.back();
    EXPECT_EQ(outcome.output, "");
  }
}

TEST(RegistryVerbs, NeedAUserForAPassword) {
  for (const std::vector<std::string>& options : {std::vector<std::string>{"--password-stdin"},
                                                  {"--creds", "ann"},
                                                  {"--creds", ":secret"},
                                                  {"--creds", "ann:secret", "--password-stdin"},
                                                  {"--stall-timeout", "0"},
                                                  {"--tls-verify", "maybe"}}) {
    std::vector<std::string> words = {"oci", "tags", "127.0.0.1:1/app"};
    words.insert(words.end(), options.begin(), options.end());
    const Outcome outcome = run_cim(words);
    EXPECT_EQ(outcome.status, kUsage) << options.front();
    EXPECT_THAT(outcome.errors, testing::Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace cim::cli::test
