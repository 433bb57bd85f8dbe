// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>

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
using testing::ElementsAre;
using testing::HasSubstr;

class StoreVerbs : public testing::Test {
 protected:
  void SetUp() override {
    layout_.write_index({cim::test::named(image_, "x"), cim::test::named(other_, "y")});
    ASSERT_EQ(run_cim({"oci", "import", layout_.path().string() + ":x", store_}).status, kSuccess);
  }

  static std::string tar_of(const std::string& name) {
    return EntryBytes{.name = "Files", .type = '5'}.bytes() +
           EntryBytes{.name = "Files/" + name, .body = "hello"}.bytes() + cim::test::end_marker();
  }
  static json answer(const std::vector<std::string>& arguments) {
    const Outcome outcome = run_cim(arguments);
    EXPECT_EQ(outcome.status, kSuccess) << outcome.errors;
    return json::parse(outcome.output);
  }
  std::string digest() const { return image_["digest"]; }

  cim::test::TemporaryDirectory directory_;
  cim::test::LayoutDirectory layout_{directory_.path() / "layout"};
  json image_ = layout_.add_image({tar_of("a"), tar_of("b")});
  json other_ = layout_.add_image({tar_of("a")});
  std::string store_ = (directory_.path() / "store").string();
};

TEST_F(StoreVerbs, ListImages) {
  EXPECT_THAT(run_cim({"store", "ls", store_}).output,
              HasSubstr(digest().substr(7, 12) + "  windows/amd64:10.0.20348.1"));
  const json list = answer({"store", "ls", "--json", store_});
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["names"], json::array({"x"}));
  EXPECT_EQ(list[0]["digest"], digest());
  EXPECT_EQ(list[0]["layers"], 2);
  EXPECT_EQ(list[0]["shared_size"], 0);
}

TEST_F(StoreVerbs, VerbsForOneImageRefuseAStore) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"check", store_},
           {"info", store_},
           {"ls", store_},
           {"tree", store_},
           {"stat", store_},
           {"cat", store_, "a"},
           {"diff", store_, store_},
           {"extract", store_, (directory_.path() / "out").string()}}) {
    const Outcome outcome = run_cim(arguments);
    EXPECT_NE(outcome.status, kSuccess) << arguments[0];
    EXPECT_EQ(outcome.errors, "cim: " + store_ + ": not a regular file\n") << arguments[0];
  }
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "out"));
  EXPECT_THAT(run_cim({"layer", "export", store_, "-q", (directory_.path() / "t").string()}).errors,
              HasSubstr("not a layer"));
}

TEST_F(StoreVerbs, FindAndGcTakeAStore) {
  EXPECT_THAT(run_cim({"files", store_}).output, HasSubstr("region_"));
  EXPECT_THAT(run_cim({"find", store_, "--name", "a"}).output, HasSubstr(".cim:Files/a\n"));
  std::ofstream(std::filesystem::path(store_) /
                "cim-layers/.x.cim.01020304-0506-0708-090a-0b0c0d0e0f10.tmp");
  EXPECT_THAT(run_cim({"gc", store_}).errors, HasSubstr("1 file, 0 B, removed"));
  EXPECT_THAT(run_cim({"store", "check", store_}).errors, HasSubstr("1 image"));
}

TEST_F(StoreVerbs, ShowImagesWithoutNamesOnRequest) {
  ASSERT_EQ(run_cim({"store", "rm", store_, "x"}).status, kSuccess);
  EXPECT_EQ(run_cim({"store", "ls", store_}).output, "");
  EXPECT_THAT(run_cim({"store", "ls", "--all", store_}).output, HasSubstr("<none>"));
}

TEST_F(StoreVerbs, InspectAnImage) {
  const std::string text = run_cim({"store", "inspect", store_, "x"}).output;
  EXPECT_THAT(text, HasSubstr("os.version    10.0.20348.1\n"));
  EXPECT_THAT(text, HasSubstr("name          x\n"));
  const json all = answer({"store", "inspect", "--json", store_, digest().substr(7, 8)});
  EXPECT_EQ(all["configuration"]["os"], "windows");
  EXPECT_EQ(all["manifest"]["schemaVersion"], 2);
  EXPECT_EQ(all["layers"][1]["diff_id"], cim::test::digest_of(tar_of("b")));
  EXPECT_EQ(all["layers"][1]["parent"], all["layers"][0]["chain_id"]);
  EXPECT_EQ(all["layers"][1]["tar_size"], tar_of("b").size());
  EXPECT_EQ(cim::test::digest_of(run_cim({"store", "inspect", "--manifest", store_, "x"}).output),
            digest());
  EXPECT_EQ(cim::test::digest_of(run_cim({"store", "inspect", "--config", store_, "x"}).output),
            all["manifest"]["config"]["digest"]);
  EXPECT_EQ(run_cim({"store", "inspect", "--config", "--manifest", store_, "x"}).status, kUsage);
}

TEST_F(StoreVerbs, RemoveAndCollect) {
  ASSERT_EQ(
      run_cim({"oci", "import", "--name", "z", layout_.path().string() + ":y", store_}).status,
      kSuccess);
  EXPECT_THAT(run_cim({"store", "rm", store_, "x"}).errors,
              HasSubstr("removed the name x\nremoved the image " + digest().substr(7, 12)));
  EXPECT_THAT(run_cim({"store", "gc", "--dry-run", store_}).output,
              HasSubstr("image " + digest() + "\nlayer "));
  const json done = answer({"store", "gc", "--json", store_});
  EXPECT_EQ(done["removed"], true);
  EXPECT_EQ(done["images"], json::array({digest()}));
  EXPECT_EQ(done["layers"].size(), 1U);
  EXPECT_EQ(done["kept"], json::array());
  EXPECT_EQ(answer({"store", "ls", "--json", store_}).size(), 1U);
  EXPECT_THAT(run_cim({"store", "rm", store_, "x"}).errors, HasSubstr("the store has no image x"));
}

TEST_F(StoreVerbs, RemoveSeveralNamesByForce) {
  ASSERT_EQ(
      run_cim({"oci", "import", "--name", "z", layout_.path().string() + ":x", store_}).status,
      kSuccess);
  EXPECT_THAT(run_cim({"store", "rm", store_, digest()}).errors, HasSubstr("has 2 names"));
  EXPECT_EQ(answer({"store", "rm", "--json", "--force", store_, digest()})["names"],
            json::array({"x", "z"}));
}

TEST_F(StoreVerbs, Check) {
  EXPECT_THAT(run_cim({"store", "check", "--deep", store_}).errors,
              HasSubstr(": clean: 1 name, 1 image, 2 layers\n"));
  std::ofstream(std::filesystem::path(store_) / "cim-images/blobs/sha256" / digest().substr(7))
      << "damaged";
  const Outcome found = run_cim({"store", "check", store_});
  EXPECT_EQ(found.status, kFound);
  EXPECT_THAT(found.output, HasSubstr("the document was modified"));
  const Outcome as_json = run_cim({"store", "check", "--json", store_});
  EXPECT_EQ(json::parse(as_json.output)["clean"], false);
}

TEST_F(StoreVerbs, ShowUsage) {
  const json usage = answer({"store", "usage", "--json", store_});
  EXPECT_EQ(usage["total_size"], usage["own_size"]);
  EXPECT_THAT(run_cim({"store", "usage", store_}).output, HasSubstr("  x\n"));
}

TEST_F(StoreVerbs, RefuseWhatIsNotAStore) {
  for (const char* const verb : {"ls", "gc", "check", "usage"}) {
    EXPECT_THAT(run_cim({"store", verb, layout_.path().string()}).errors, HasSubstr("not a store"));
  }
}

TEST_F(StoreVerbs, ExportAnImage) {
  const std::string target = (directory_.path() / "out").string();
  const json kept = answer({"oci", "export", "--json", store_, "x", "oci:" + target + ":name"});
  EXPECT_EQ(kept["manifest"], digest());
  EXPECT_EQ(kept["name"], "name");
  EXPECT_EQ(kept["layers"][0]["diff_id_kept"], true);
  EXPECT_THAT(run_cim({"oci", "export", store_, "x", target}).errors,
              HasSubstr("as x; the manifest is unchanged\n"));
  EXPECT_THAT(run_cim({"oci", "export", "--compression", "zstd", store_, "x", target}).errors,
              HasSubstr("the configuration is unchanged\n"));
  EXPECT_THAT(run_cim({"oci", "export", store_, "x", "dir:" + target}).errors,
              HasSubstr("cannot be exported in this form"));
  EXPECT_EQ(run_cim({"oci", "export", store_, "x", "-"}).status, kUsage);
  EXPECT_EQ(run_cim({"oci", "import", "-", store_}).status, kUsage);
}

TEST_F(StoreVerbs, ReportOtherDiffIds) {
  std::filesystem::remove_all(std::filesystem::path(store_) / "cim-images/tars");
  const std::string target = (directory_.path() / "out.tar").string();
  const Outcome outcome = run_cim({"oci", "export", store_, "x", "docker-archive:" + target});
  EXPECT_THAT(outcome.errors, HasSubstr("layer 1: is another tar than was imported; its diff ID "));
  EXPECT_THAT(outcome.errors, HasSubstr("the configuration was adapted to the new diff IDs"));
  const json archive = answer({"oci", "export", "--json", store_, "x", "docker-archive:" + target});
  EXPECT_EQ(archive["configuration_kept"], false);
}

}  // namespace
}  // namespace cim::cli::test
