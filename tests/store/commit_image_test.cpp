// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include "cimlib/diff.h"
#include "cimlib/error.h"
#include "cimlib/layer.h"
#include "cimlib/store_commit.h"
#include "cimlib/store_export.h"

#include "expect_error.h"
#include "store_fixture.h"

namespace cim::store {
namespace {

using nlohmann::json;
using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CommitImage : public test::StoreFixture {
 protected:
  void SetUp() override {
    base_ = import("x", {"base", "top"});
    std::filesystem::create_directories(upper_ / "Files");
    std::ofstream(upper_ / "Files/new") << "new";
    std::ofstream(upper_ / "Files/.wh.top");
  }

  CommitResult commit_as(const CommitOptions& options, const std::string& directory = "new") const {
    return commit(upper_, store_ / directory, {top_of("x")}, options);
  }

  std::filesystem::path upper_ = directory_.path() / "upper";
  std::string base_;
};

TEST_F(CommitImage, HasTheLayersAndTheConfigurationOfTheImageBelow) {
  const auto image = commit_as({.name = "y", .author = "ann", .message = "why"}).image.value();
  EXPECT_EQ(image.name, "y");
  const Details below = inspect(store_, "x");
  const Details made = inspect(store_, "y");
  EXPECT_EQ(made.image.digest, image.digest);
  EXPECT_THAT(made.image.layers,
              ElementsAre(below.image.layers[0], below.image.layers[1], image.chain_id));
  EXPECT_EQ(made.layers.back().directory, store_ / "new");
  EXPECT_EQ(made.layers.back().diff_id, image.diff_id);
  EXPECT_EQ(made.image.platform, below.image.platform);
  json expected = json::parse(below.configuration);
  const json configuration = json::parse(made.configuration);
  expected["rootfs"]["diff_ids"].push_back(image.diff_id);
  expected["author"] = "ann";
  expected["created"] = configuration["created"];
  expected["history"] = json::array({{{"comment", "not recorded"}},
                                     {{"comment", "not recorded"}},
                                     {{"created", configuration["created"]},
                                      {"created_by", "cim layer commit"},
                                      {"author", "ann"},
                                      {"comment", "why"}}});
  EXPECT_EQ(configuration, expected);
  const json manifest = json::parse(made.manifest);
  EXPECT_EQ(manifest["annotations"]["org.opencontainers.image.base.digest"], base_);
  EXPECT_EQ(manifest["annotations"]["org.opencontainers.image.base.name"], "x");
  EXPECT_THAT(check(store_, {.deep = true}).faults, IsEmpty());
}

TEST_F(CommitImage, IsExportedAndImportedWithoutADifference) {
  const auto image = commit_as({.name = "y"}).image.value();
  const ExportTarget target{oci::ImageForm::kLayout, directory_.path() / "out"};
  const ExportResult exported = export_image(store_, "y", target);
  EXPECT_EQ(exported.manifest, image.digest);
  EXPECT_TRUE(exported.keeps_manifest);
  const auto other = directory_.path() / "other";
  EXPECT_EQ(oci::import_image(target.path, other).image.manifest, image.digest);
  const auto pulled = other / "cim-layers" / (image.chain_id.substr(7) + ".cim");
  std::vector<std::string> differences;
  const DiffOptions how{.ignored = field::kTimes};  // an import makes the root of an image
  (void)diff(store_ / "cim-layers/new.cim", pulled, how, [&](const Difference& difference) {
    differences.push_back(difference.path.to_string());
    return true;
  });
  EXPECT_THAT(differences, IsEmpty());
}

TEST_F(CommitImage, IsReusedByAnImportOfTheSameLayer) {
  (void)commit_as({.name = "y"});
  const ExportTarget target{oci::ImageForm::kLayout, directory_.path() / "out"};
  (void)export_image(store_, "y", target);
  const auto imported = oci::import_image(target.path, store_, {.name = "z"});
  EXPECT_EQ(imported.layers.back().directory, store_ / "new");
  EXPECT_EQ(imported.layers.back().result, std::nullopt);
  (void)remove(store_, "y");
  EXPECT_THAT(collect_garbage(store_).layers, IsEmpty());
  EXPECT_TRUE(layer::is_cim_layer(store_ / "new"));
}

TEST_F(CommitImage, IsKeptUnderItsDigestWithoutAName) {
  const auto image = commit_as({}).image.value();
  EXPECT_EQ(image.name, image.digest);
  EXPECT_THAT(collect_garbage(store_).layers, IsEmpty());
  EXPECT_TRUE(find(store_, image.digest).is_kept_by_digest);
}

TEST_F(CommitImage, IsRemovedWithItsLayer) {
  (void)commit_as({.name = "y"});
  EXPECT_EQ(usage(store_).other_size, 0U);
  (void)remove(store_, "y");
  EXPECT_THAT(collect_garbage(store_).layers, ElementsAre(store_ / "new"));
  EXPECT_FALSE(std::filesystem::exists(store_ / "new"));
  EXPECT_EQ(count_layers(), 2U);
}

TEST_F(CommitImage, CanBeChangedAgain) {
  (void)commit_as({.name = "y"});
  std::ofstream(upper_ / "Files/more") << "more";
  std::filesystem::remove(upper_ / "Files/.wh.top");
  (void)commit(upper_, store_ / "newer", {store_ / "new"}, {.name = "z"});
  EXPECT_EQ(find(store_, "z").layers.size(), 4U);
  (void)remove(store_, "y");
  (void)collect_garbage(store_);
  EXPECT_THAT(check(store_, {.deep = true}).faults, IsEmpty());
  (void)remove(store_, "z");
  (void)remove(store_, "x");
  (void)collect_garbage(store_);
  EXPECT_EQ(count_layers(), 0U);
}

TEST_F(CommitImage, LayerOfNoImageIsOnlyALayer) {
  const auto base = store_ / find(store_, "x").layers.front().substr(7);
  const CommitResult result = commit(upper_, store_ / "new", {base});
  EXPECT_EQ(result.image, std::nullopt);
  EXPECT_EQ(result.layer.files, 1U);
  expect_error(ErrorCode::kNotFound, "no image to change",
               [&] { (void)commit(upper_, store_ / "other", {base}, {.name = "y"}); });
  EXPECT_FALSE(std::filesystem::exists(store_ / "other"));
}

TEST_F(CommitImage, OneOfSeveralImagesIsChosen) {
  layout_.write_index(
      {test::named(layout_.add_image({tar_of("base"), tar_of("top")}, "10.0.20348.2"), "x2")});
  (void)oci::import_image(layout_.path(), store_);
  expect_error(ErrorCode::kInvalidArgument, "several images end with the layer below",
               [&] { (void)commit_as({.name = "y"}); });
  std::string warnings;
  CommitOptions options;
  options.layer.warning = [&](const std::string& warning) { warnings += warning; };
  EXPECT_EQ(commit_as(options, "plain").image, std::nullopt);
  EXPECT_THAT(warnings, HasSubstr("no image is made"));
  (void)commit_as({.name = "y", .base = "x2"});
  EXPECT_THAT(inspect(store_, "y").configuration, HasSubstr("10.0.20348.2"));
  import("z", {"other"});
  expect_error(ErrorCode::kInvalidArgument, "not the last one of this image",
               [&] { (void)commit_as({.name = "y", .base = "z"}, "newer"); });
}

TEST_F(CommitImage, FailureLeavesNeitherALayerNorAnImage) {
  expect_error(ErrorCode::kInvalidArgument, "cannot be the name",
               [&] { (void)commit_as({.name = "\n"}); });
  std::filesystem::create_symlink("nowhere", upper_ / "Files/link");
  std::filesystem::create_directory(upper_ / "Files/link:stream");
  EXPECT_THROW((void)commit_as({.name = "y"}), Error);
  EXPECT_FALSE(std::filesystem::exists(store_ / "new"));
  EXPECT_EQ(images(store_).size(), 1U);
}

}  // namespace
}  // namespace cim::store
