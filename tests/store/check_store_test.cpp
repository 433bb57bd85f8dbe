// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"

#include "expect_error.h"
#include "store_fixture.h"

namespace cim::store {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

class CheckStore : public test::StoreFixture {
 protected:
  void SetUp() override { image_ = import("x", {"base", "top"}); }

  // Returns the text of the first fault.
  std::string fault(bool deep = false) const {
    const CheckReport report = check(store_, {.deep = deep});
    return report.faults.empty() ? ""
                                 : report.faults[0].file.string() + ": " + report.faults[0].text;
  }
  static void change(const std::filesystem::path& file, const char* member, const json& value) {
    json document = json::parse(text_of(file));
    document[member] = value;
    std::ofstream(file, std::ios::binary) << document.dump();
  }
  std::filesystem::path blob(const std::string& digest) const {
    return store_ / "cim-images/blobs/sha256" / digest.substr(7);
  }

  std::string image_;
};

TEST_F(CheckStore, FindsNothingInASoundStore) {
  for (const bool deep : {false, true}) {
    const CheckReport report = check(store_, {.deep = deep});
    EXPECT_THAT(report.faults, IsEmpty());
    EXPECT_EQ(report.names, 1U);
    EXPECT_EQ(report.images, 1U);
    EXPECT_EQ(report.layers, 2U);
  }
}

TEST_F(CheckStore, FindsMissingLayers) {
  layer::destroy(top_of("x"));
  EXPECT_THAT(fault(), HasSubstr("a layer of an image is missing"));
}

TEST_F(CheckStore, FindsMissingFilesOfLayers) {
  for (const auto& file : image_files(layer::cim_path(top_of("x")))) {
    if (file.kind == ImageFileKind::kRegion) {
      std::filesystem::remove(file.path);
      EXPECT_THAT(fault(), HasSubstr(file.path.string() + ": is missing, and a layer needs it"));
      break;
    }
  }
}

TEST_F(CheckStore, FindsModifiedDocuments) {
  std::ofstream(blob(image_), std::ios::app) << ' ';
  EXPECT_THAT(fault(), HasSubstr("the document was modified"));
  std::filesystem::remove(blob(image_));
  EXPECT_THAT(fault(), HasSubstr(blob(image_).string()));
}

TEST_F(CheckStore, FindsRecordsThatContradictTheConfiguration) {
  const auto file = record("images", image_);
  const std::string good = text_of(file);
  change(file, "os.version", "10.0.1");
  EXPECT_THAT(fault(), HasSubstr("states another platform"));
  std::ofstream(file, std::ios::binary) << good;
  change(file, "layers", json::array());
  EXPECT_THAT(fault(), HasSubstr("lists other layers"));
}

TEST_F(CheckStore, FindsMissingRecords) {
  const auto file = record("layers", find(store_, "x").layers[0]);
  std::filesystem::remove(file);
  EXPECT_THAT(fault(), HasSubstr("the layer's parent is not recorded"));
  std::filesystem::remove(record("images", image_));
  const CheckReport report = check(store_);
  EXPECT_THAT(report.faults.back().text, HasSubstr("the image " + image_ + " is not recorded"));
}

TEST_F(CheckStore, ContinuesAfterDamagedRecords) {
  for (const char* const kind : {"names", "images", "layers"}) {
    std::ofstream(store_ / "cim-images" / kind / (std::string(64, 'a') + ".json")) << "{";
  }
  const CheckReport report = check(store_);
  EXPECT_EQ(report.faults.size(), 3U);
  EXPECT_EQ(report.names + report.images + report.layers, 4U);
}

TEST_F(CheckStore, FindsDamagedDataOnlyIfDeep) {
  bool is_damaged = false;
  for (const auto& file : image_files(layer::cim_path(top_of("x")))) {
    const std::size_t at = text_of(file.path).find("top");
    if (file.kind == ImageFileKind::kRegion && at != std::string::npos) {
      std::fstream region(file.path, std::ios::binary | std::ios::in | std::ios::out);
      region.seekp(static_cast<std::streamoff>(at));
      region << 'T';
      is_damaged = true;
    }
  }
  ASSERT_TRUE(is_damaged);
  EXPECT_EQ(fault(), "");
  EXPECT_NE(fault(true), "");
}

}  // namespace
}  // namespace cim::store
