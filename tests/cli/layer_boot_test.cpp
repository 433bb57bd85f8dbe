// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cimlib/hive.h"

#include "base/bytes.h"
#include "bcd/sample_store.h"
#include "cli/run_cim.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using cim::test::EntryBytes;
using testing::HasSubstr;

constexpr const char* kScratch =
    "{0d1c2b3a-4958-6776-8594-a3b2c1d0e0f1},f1e0d0c1-b2a3-9485-7667-58493a2b1c0d";
constexpr const char* kSystem = "UtilityVM/Files/Windows/System32/config/SYSTEM";
constexpr const char* kStore = "UtilityVM/Files/EFI/Microsoft/Boot/BCD";

std::string hive_with_build(std::string_view build) {
  constexpr std::string_view kKey = "Microsoft\\Windows NT\\CurrentVersion";
  registry::HiveEditor editor;
  editor.add_key(kKey, {});
  editor.set_text(kKey, "CurrentBuild", build, {});
  const auto bytes = editor.to_bytes();
  return std::string(as_text(bytes));
}

// Layers with a utility VM.
class LayerImportForBoot : public testing::Test {
 protected:
  Outcome import(std::string_view build, std::vector<std::string> options) {
    std::string tar;
    for (const char* directory :
         {"UtilityVM", "UtilityVM/Files", "UtilityVM/Files/Windows",
          "UtilityVM/Files/Windows/System32", "UtilityVM/Files/Windows/System32/config",
          "UtilityVM/Files/EFI", "UtilityVM/Files/EFI/Microsoft",
          "UtilityVM/Files/EFI/Microsoft/Boot"}) {
      tar += EntryBytes{.name = directory, .type = '5'}.bytes();
    }
    const std::string hive = hive_with_build(build);
    const auto store = cim::test::sample_store();
    tar += EntryBytes{.name = "UtilityVM/Files/Windows/System32/config/SOFTWARE", .body = hive}
               .bytes() +
           EntryBytes{.name = kSystem, .body = hive}.bytes() +
           EntryBytes{.name = kStore, .body = std::string(as_text(store))}.bytes() +
           cim::test::end_marker();
    std::ofstream(tar_, std::ios::binary) << tar;
    options.insert(options.begin(), {"layer", "import", tar_, layer_});
    return run_cim(options);
  }

  static std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string loose(const std::string& path) const { return contents(layer_ + "/" + path); }
  std::string in_image(const std::string& path) const {
    return run_cim({"cat", (directory_.path() / "store/cim-layers/7.cim").string(), path}).output;
  }

  cim::test::TemporaryDirectory directory_;
  std::string tar_ = (directory_.path() / "layer.tar").string();
  std::string layer_ = (directory_.path() / "store/7").string();
  const std::vector<std::string> boot_ = {"--cim-boot", kScratch, "--accept-unverified"};
};

TEST_F(LayerImportForBoot, RecordsTheBuildAndEditsNothingByDefault) {
  EXPECT_EQ(import("26100", {}).status, kSuccess);
  EXPECT_EQ(loose("uvmbuildversion"), "26100");
  EXPECT_EQ(loose(kStore), as_text(cim::test::sample_store()));
  EXPECT_EQ(loose(kSystem), hive_with_build("26100"));
}

TEST_F(LayerImportForBoot, EditsHiveAndStoreOnDiskAndInTheImage) {
  const Outcome outcome = import("26100", boot_);
  EXPECT_EQ(outcome.status, kSuccess) << outcome.errors;
  EXPECT_THAT(outcome.errors, HasSubstr("U12: whether the store boots"));
  for (const char* file : {kSystem, kStore}) {
    EXPECT_EQ(loose(file), in_image(file)) << file;
  }
  const auto store = registry::Hive::open(layer_ + "/" + kStore);
  EXPECT_EQ(
      store.find(cim::test::sample_element("{763e9fea-502d-434f-aad9-5fabe9c91a7b}", "32000011"))
          ->value("Element")
          ->text(),
      "\\cim-layers\\7.cim");
  const auto system = registry::Hive::open(layer_ + "/" + kSystem);
  EXPECT_EQ(system.find("Setup")->value("BootPathOverride")->text(), "\\Windows\\");
}

TEST_F(LayerImportForBoot, ExportContainsTheEditedFiles) {
  std::vector<std::string> options = boot_;
  options.emplace_back("--reproducible");  // or the roots' times differ
  ASSERT_EQ(import("26100", options).status, kSuccess);
  const std::string tar = (directory_.path() / "exported.tar").string();
  ASSERT_EQ(run_cim({"layer", "export", layer_, tar}).status, kSuccess);
  const std::string again = (directory_.path() / "second/7").string();
  ASSERT_EQ(run_cim({"layer", "import", tar, again, "--reproducible"}).status, kSuccess);
  for (const char* file : {kSystem, kStore, "uvmbuildversion"}) {
    EXPECT_EQ(contents(again + "/" + file), loose(file)) << file;
  }
  EXPECT_EQ(run_cim({"diff", (directory_.path() / "store/cim-layers/7.cim").string(),
                     (directory_.path() / "second/cim-layers/7.cim").string()})
                .output,
            "");
}

TEST_F(LayerImportForBoot, ReportsAsJson) {
  std::vector<std::string> options = boot_;
  options.emplace_back("--json");
  const auto answer = nlohmann::json::parse(import("26100", options).output)["utility_vm"];
  EXPECT_EQ(answer["build"], 26100);
  EXPECT_EQ(answer["cim_boot"], "edited");
  EXPECT_EQ(answer["unverified"][0]["id"], "U1");
}

TEST_F(LayerImportForBoot, DoesNotChangeOldBuilds) {
  EXPECT_THAT(import("20348", boot_).errors, HasSubstr("build 20348, which cannot boot"));
  EXPECT_EQ(loose(kStore), as_text(cim::test::sample_store()));
}

TEST_F(LayerImportForBoot, RequiresConsentToUnverifiedFormats) {
  const Outcome outcome = import("26100", {"--cim-boot", kScratch});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_THAT(outcome.errors, HasSubstr("it is not verified"));
  EXPECT_FALSE(std::filesystem::exists(layer_));
}

}  // namespace
}  // namespace cim::cli::test
