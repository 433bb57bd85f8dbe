// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/store_export.h"

#include <gmock/gmock.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"

#include "expect_error.h"
#include "store_fixture.h"

namespace cim::store {
namespace {

using nlohmann::json;
using oci::ImageForm;
using test::expect_error;
using testing::HasSubstr;
using testing::IsEmpty;

class ExportImage : public test::StoreFixture {
 protected:
  void SetUp() override { image_ = import("x", {"base", "top"}); }

  std::filesystem::path out(const char* name) const { return directory_.path() / name; }
  json index() const { return json::parse(text_of(out("out/index.json"))); }

  std::string image_;
};

TEST_F(ExportImage, KeepsAllDocumentsOfPlainLayers) {
  const ExportResult result = export_image(store_, "x", {ImageForm::kLayout, out("out")});
  EXPECT_TRUE(result.keeps_manifest);
  EXPECT_TRUE(result.keeps_configuration);
  EXPECT_EQ(result.manifest, image_);
  EXPECT_EQ(result.name, "x");
  for (const auto& entry : std::filesystem::directory_iterator(layout_.path() / "blobs/sha256")) {
    EXPECT_EQ(text_of(out("out") / "blobs/sha256" / entry.path().filename()),
              text_of(entry.path()));
  }
  const json entry = index()["manifests"][0];
  EXPECT_EQ(entry["annotations"]["org.opencontainers.image.ref.name"], "x");
  EXPECT_EQ(entry["platform"]["os.version"], "10.0.20348.1");
}

TEST_F(ExportImage, IsImportedAgainWithoutADifference) {
  for (const ImageForm form :
       {ImageForm::kLayout, ImageForm::kLayoutArchive, ImageForm::kDockerArchive}) {
    const auto target = out(form == ImageForm::kLayout ? "out" : "out.tar");
    (void)export_image(store_, "x", {form, target}, {.replaces_existing = true});
    const auto other = directory_.path() / ("store" + std::to_string(static_cast<int>(form)));
    const auto result = oci::import_image({form, target}, other);
    EXPECT_EQ(inspect(other, result.names.front()).configuration,
              inspect(store_, "x").configuration);
    EXPECT_EQ(find(other, result.names.front()).layers, find(store_, "x").layers);
  }
}

// Also in a build without zstd.
TEST_F(ExportImage, WritesArtifactsThatAreImportedAgain) {
  (void)export_image(store_, "x", {ImageForm::kLayout, out("out")},
                     {.forms = LayerForms::kTarsAndImages});
  const auto other = directory_.path() / "other";
  const auto result = oci::import_image(out("out"), other, {.prefers_artifacts = true});
  ASSERT_EQ(result.layers.size(), 2U);
  for (const oci::ImportedLayer& layer : result.layers) {
    EXPECT_GT(layer.artifact_size, 0U);
  }
  EXPECT_EQ(find(other, result.names.front()).layers, find(store_, "x").layers);
}

TEST_F(ExportImage, CompressesLayers) {
  const ExportResult result = export_image(store_, "x", {ImageForm::kLayout, out("out")},
                                           {.compression = layer::Compression::kGzip});
  EXPECT_FALSE(result.keeps_manifest);
  EXPECT_TRUE(result.keeps_configuration);
  EXPECT_EQ(oci::find_image(out("out")).layers[0].media_type,
            "application/vnd.oci.image.layer.v1.tar+gzip");
  EXPECT_EQ(oci::import_image(out("out"), store_).layers[1].result, std::nullopt);
  expect_error(ErrorCode::kUnsupported, "cannot be compressed", [&] {
    (void)export_image(store_, "x", {ImageForm::kDockerArchive, out("out.tar")},
                       {.compression = layer::Compression::kZstd});
  });
}

TEST_F(ExportImage, AdaptsTheConfigurationToOtherTars) {
  std::filesystem::remove_all(store_ / "cim-images/tars");
  const ExportResult result = export_image(store_, "x", {ImageForm::kLayout, out("out")});
  EXPECT_FALSE(result.keeps_configuration);
  EXPECT_FALSE(result.layers[1].keeps_diff_id);
  const auto image = oci::find_image(out("out"));
  EXPECT_EQ(image.layers[1].diff_id, result.layers[1].diff_id);
  EXPECT_EQ(image.platform, find(store_, "x").platform);
  const auto imported = oci::import_image(out("out"), directory_.path() / "other");
  EXPECT_EQ(imported.layers.size(), 2U);
}

TEST_F(ExportImage, DoesNotTrustARecordOfATar) {
  const Details details = inspect(store_, "x");
  const auto record_of = [this](const Layer& layer) {
    return store_ / "cim-images/tars" / (layer.chain_id.substr(7) + ".zst");
  };
  std::filesystem::copy_file(record_of(details.layers[0]), record_of(details.layers[1]),
                             std::filesystem::copy_options::overwrite_existing);
  std::string warnings;
  const ExportResult result =
      export_image(store_, "x", {ImageForm::kLayout, out("out")},
                   {.warning = [&](const std::string& text) { warnings += text; }});
  EXPECT_TRUE(result.layers[0].keeps_diff_id);
  EXPECT_FALSE(result.layers[1].keeps_diff_id);
  EXPECT_THAT(warnings, HasSubstr("does not give the tar that was imported"));
  std::ofstream(record_of(details.layers[1])) << "damaged";
  EXPECT_FALSE(export_image(store_, "x", {ImageForm::kLayout, out("out")}).keeps_manifest);
}

TEST_F(ExportImage, AddsToALayout) {
  const ExportTarget target{ImageForm::kLayout, out("out")};
  (void)export_image(store_, "x", target);
  (void)export_image(store_, "x", target, {.name = "y"});
  EXPECT_EQ(index()["manifests"].size(), 2U);
  import("x", {"other"});
  (void)export_image(store_, "x", target, {.name = "y"});
  EXPECT_EQ(index()["manifests"].size(), 2U);
  (void)export_image(store_, image_, target);
  (void)export_image(store_, image_, target);
  EXPECT_EQ(index()["manifests"].size(), 3U);
}

TEST_F(ExportImage, LeavesTheTargetAsItWasOnFailure) {
  std::filesystem::create_directory(out("full"));
  std::ofstream(out("full") / "file") << "mine";
  expect_error(ErrorCode::kExists, "is not an OCI image layout", [&] {
    (void)export_image(store_, "x", {ImageForm::kLayout, out("full")});
  });
  std::ofstream(out("out.tar")) << "mine";
  expect_error(ErrorCode::kExists, "already exists", [&] {
    (void)export_image(store_, "x", {ImageForm::kLayoutArchive, out("out.tar")});
  });
  EXPECT_EQ(text_of(out("out.tar")), "mine");
  for (const auto& file : image_files(layer::cim_path(top_of("x")))) {
    if (file.kind == ImageFileKind::kRegion) {
      std::filesystem::remove(file.path);
    }
  }
  EXPECT_THROW((void)export_image(store_, "x", {ImageForm::kLayout, out("out")}), Error);
  EXPECT_FALSE(std::filesystem::exists(out("out")));
  EXPECT_THROW((void)export_image(store_, "x", {ImageForm::kDockerArchive, out("out.tar")},
                                  {.replaces_existing = true}),
               Error);
  EXPECT_EQ(text_of(out("out.tar")), "mine");
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    EXPECT_THAT(entry.path().filename().string(), testing::Not(HasSubstr(".tmp")));
  }
}

TEST_F(ExportImage, WritesArchivesToAStream) {
  std::string bytes;
  ExportTarget target{.form = ImageForm::kDockerArchive};
  target.stream = [&](std::span<const std::byte> some) {
    bytes.append(reinterpret_cast<const char*>(some.data()), some.size());
  };
  EXPECT_EQ(export_image(store_, "x", target).name, "x:latest");
  (void)export_image(store_, "x", {ImageForm::kDockerArchive, out("out.tar")});
  EXPECT_EQ(bytes, text_of(out("out.tar")));
}

TEST_F(ExportImage, LeavesOutNamesThatDockerRefuses) {
  std::string warnings;
  const ExportResult result = export_image(
      store_, "x", {ImageForm::kDockerArchive, out("out.tar")},
      {.name = "Not a name", .warning = [&](const std::string& text) { warnings += text; }});
  EXPECT_THAT(result.name, IsEmpty());
  EXPECT_THAT(warnings, HasSubstr("not a name for docker load"));
}

TEST_F(ExportImage, RefusesWhatItCannotDo) {
  expect_error(ErrorCode::kUnsupported, "cannot be exported in this form", [&] {
    (void)export_image(store_, "x", {ImageForm::kDirectory, out("out")});
  });
  expect_error(ErrorCode::kNotFound, "has no image", [&] {
    (void)export_image(store_, "y", {ImageForm::kLayout, out("out")});
  });
  expect_error(ErrorCode::kInvalidArgument, "cannot be the name", [&] {
    (void)export_image(store_, "x", {ImageForm::kLayout, out("out")}, {.name = "\n"});
  });
}

}  // namespace
}  // namespace cim::store
