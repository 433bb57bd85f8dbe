// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_cim.h"
#include "os/crypto.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using cim::test::EntryBytes;
using testing::HasSubstr;
using testing::StartsWith;

class LayerImportVerb : public testing::Test {
 protected:
  LayerImportVerb() { write_tar(tar_, sample_tar()); }

  static std::string sample_tar() {
    return EntryBytes{.name = "Files", .type = '5'}.bytes() +
           EntryBytes{.name = "Files/a.txt", .body = "hello"}.bytes() + cim::test::end_marker();
  }

  static void write_tar(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  cim::test::TemporaryDirectory directory_;
  std::string tar_ = (directory_.path() / "layer.tar").string();
  std::string layer_ = (directory_.path() / "store/base").string();
  std::string image_ = (directory_.path() / "store/cim-layers/base.cim").string();
};

TEST_F(LayerImportVerb, CreatesAnImageAndPrintsASummary) {
  const Outcome outcome = run_cim({"layer", "import", tar_, layer_});
  EXPECT_EQ(outcome.status, kSuccess) << outcome.errors;
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.errors, HasSubstr("\nimported 2 entries with 5 B into " + image_ + " ("));
  EXPECT_THAT(outcome.errors, StartsWith("cim: warning: the layer has no registry hives: "));
  EXPECT_EQ(run_cim({"cat", image_, "Files/a.txt"}).output, "hello");
}

TEST_F(LayerImportVerb, AsJson) {
  const Outcome outcome = run_cim({"--json", "--quiet", "layer", "import", tar_, layer_});
  const auto answer = nlohmann::json::parse(outcome.output);
  EXPECT_EQ(answer["image"], image_);
  EXPECT_EQ(answer["entries"], 2);
  EXPECT_EQ(answer["size"], 5);
  EXPECT_EQ(answer["tar_size"], sample_tar().size());
  EXPECT_EQ(answer["diff_id"], "sha256:" + to_hex(Sha256::of(as_bytes(sample_tar()))));
  EXPECT_EQ(outcome.errors, "");
}

TEST_F(LayerImportVerb, ATruncatedTarPrintsOneLineAndLeavesNothing) {
  write_tar(tar_, sample_tar().substr(0, 700));
  const Outcome outcome = run_cim({"layer", "import", tar_, layer_});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_THAT(outcome.errors, StartsWith("cim: " + tar_ + ": "));
  EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1);
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "store"));
}

TEST_F(LayerImportVerb, DoesNotReplaceALayer) {
  EXPECT_EQ(run_cim({"layer", "import", tar_, layer_}).status, kSuccess);
  const Outcome again = run_cim({"layer", "import", tar_, layer_});
  EXPECT_EQ(again.status, kFailure);
  EXPECT_EQ(run_cim({"cat", image_, "Files/a.txt"}).output, "hello");
}

TEST_F(LayerImportVerb, CreatesALayerOnTopOfItsParents) {
  EXPECT_EQ(run_cim({"layer", "import", tar_, layer_}).status, kSuccess);
  write_tar(tar_, EntryBytes{.name = "Files/.wh.a.txt"}.bytes() +
                      EntryBytes{.name = "Files/b.txt", .body = "child"}.bytes() +
                      cim::test::end_marker());
  const std::string child = (directory_.path() / "store/child").string();
  const std::string grandchild = (directory_.path() / "store/grandchild").string();
  EXPECT_EQ(run_cim({"layer", "import", tar_, child, "--parent", layer_}).status, kSuccess);
  write_tar(tar_, cim::test::end_marker());
  EXPECT_EQ(
      run_cim({"layer", "import", "-p", child, "--parent=" + layer_, tar_, grandchild}).status,
      kSuccess);
  EXPECT_EQ(
      run_cim({"ls", (directory_.path() / "store/cim-layers/grandchild.cim").string(), "Files"})
          .output,
      "b.txt\n");
}

TEST_F(LayerImportVerb, NamesAParentThatIsNotALayer) {
  const Outcome outcome = run_cim({"layer", "import", tar_, layer_, "--parent", "nowhere"});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_THAT(outcome.errors, StartsWith("cim: nowhere: not a layer, so it cannot be a parent: "));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "store"));
}

TEST_F(LayerImportVerb, EnforcesSizeAndEntryLimits) {
  for (const char* const size : {"", "x", "1X", "1KK", "-1", "99999999999T"}) {
    EXPECT_EQ(run_cim({"layer", "import", tar_, layer_, "--max-size", size}).status, kUsage)
        << size;
  }
  const Outcome large = run_cim({"layer", "import", tar_, layer_, "--max-size", "1"});
  EXPECT_EQ(large.status, kFailure);
  EXPECT_THAT(large.errors, testing::HasSubstr("more than the 1 bytes allowed"));
  const Outcome many = run_cim({"layer", "import", tar_, layer_, "--max-entries", "1"});
  EXPECT_THAT(many.errors, testing::HasSubstr("more than the 1 entries allowed"));
  EXPECT_EQ(
      run_cim({"layer", "import", tar_, layer_, "--max-size", "1M", "--max-entries", "99"}).status,
      kSuccess);
}

TEST_F(LayerImportVerb, BootOptionsAreTwoGuidsAndNeedConsent) {
  const std::string guid = "0d1c2b3a-4958-6776-8594-a3b2c1d0e0f1";
  for (const std::string& value : {guid, guid + ",x", "x," + guid}) {
    EXPECT_EQ(run_cim({"layer", "import", tar_, layer_, "--cim-boot", value}).status, kUsage);
  }
  const Outcome outcome =
      run_cim({"layer", "import", tar_, layer_, "--cim-boot", guid + "," + guid});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_THAT(outcome.errors, HasSubstr("the utility VM does not have this file"));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "store"));
}

TEST_F(LayerImportVerb, AnInterruptionLeavesNothing) {
  StringSink output;
  StringSink errors;
  std::stop_source source;
  source.request_stop();
  const int status = run(
      {"layer", "import", tar_, layer_},
      Environment{.output = output, .errors = errors, .stop_on_interruption = [&](Interruption) {
                    return source.get_token();
                  }});
  EXPECT_EQ(status, kFailure);
  EXPECT_EQ(output.text, "");
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "store"));
}

TEST_F(LayerImportVerb, ShowsProgressOnATerminal) {
  const Outcome outcome =
      run_cim({"layer", "import", tar_, layer_}, {.errors = {.is_terminal = true, .width = 100}});
  EXPECT_THAT(outcome.errors, StartsWith("\rimporting  ["));
  EXPECT_THAT(outcome.errors, HasSubstr("\nimported 2 entries"));
}

using LayerDestroyVerb = LayerImportVerb;

TEST_F(LayerDestroyVerb, RemovesALayer) {
  EXPECT_EQ(run_cim({"layer", "import", tar_, layer_}).status, kSuccess);
  const Outcome outcome = run_cim({"layer", "destroy", layer_});
  EXPECT_EQ(outcome.status, kSuccess);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.errors, "removed the layer " + layer_ + "\n");
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path() / "store/cim-layers"));
}

TEST_F(LayerDestroyVerb, OfAMissingLayerSucceeds) {
  const Outcome outcome = run_cim({"layer", "destroy", layer_});
  EXPECT_EQ(outcome.status, kSuccess);
  EXPECT_EQ(outcome.errors, "layer " + layer_ + " does not exist\n");
}

TEST_F(LayerDestroyVerb, AsJson) {
  EXPECT_EQ(run_cim({"layer", "import", tar_, layer_}).status, kSuccess);
  for (const bool removed : {true, false}) {
    const Outcome outcome = run_cim({"--json", "layer", "destroy", layer_});
    EXPECT_EQ(nlohmann::json::parse(outcome.output)["removed"], removed);
    EXPECT_EQ(outcome.errors, "");
  }
}

TEST_F(LayerDestroyVerb, RefusesALayerThatOthersNeed) {
  const std::string child = (directory_.path() / "store/child").string();
  EXPECT_EQ(run_cim({"layer", "import", tar_, layer_}).status, kSuccess);
  EXPECT_EQ(run_cim({"layer", "import", tar_, child, "--parent", layer_}).status, kSuccess);
  const Outcome outcome = run_cim({"layer", "destroy", layer_});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_EQ(outcome.errors, "cim: " + image_ + ": other images need it: child.cim\n");
}

TEST(LayerPathVerb, WritesThePathOfTheImage) {
  EXPECT_EQ(run_cim({"layer", "path", "store/7"}).output, "store/cim-layers/7.cim\n");
}

TEST(LayerPathVerb, AsJson) {
  const auto answer = nlohmann::json::parse(run_cim({"layer", "path", "--json", "/s/7/"}).output);
  EXPECT_EQ(answer["name"], "7.cim");
  EXPECT_EQ(answer["directory"], "/s/cim-layers");
  EXPECT_EQ(answer["image"], "/s/cim-layers/7.cim");
  EXPECT_EQ(answer["exists"], false);
}

TEST(LayerVerbs, AreListedByTheirGroup) {
  EXPECT_THAT(run_cim({"layer", "--help"}).output, HasSubstr("\n  layer path "));
  const Outcome outcome = run_cim({"layer"});
  EXPECT_EQ(outcome.status, kUsage);
  EXPECT_EQ(outcome.errors, "cim: layer: a verb is missing (see 'cim layer --help')\n");
  EXPECT_EQ(run_cim({"layer", "nope"}).errors,
            "cim: 'layer nope' is not a verb (see 'cim layer --help')\n");
}

}  // namespace
}  // namespace cim::cli::test
