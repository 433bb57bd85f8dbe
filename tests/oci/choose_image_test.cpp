// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/oci.h"

#include "expect_error.h"
#include "layout_directory.h"
#include "temporary_directory.h"

namespace cim::oci {
namespace {

using nlohmann::json;
using test::expect_error;
using test::for_platform;
using test::named;

class FindImage : public testing::Test {
 protected:
  ImageDescription find(const std::string& reference = "", const char* platform = nullptr) const {
    return find_image(layout_.path(),
                      {.reference = reference,
                       .platform = platform == nullptr ? std::nullopt : Platform::parse(platform)});
  }
  void expect(ErrorCode code, std::string_view words, const std::string& reference = "",
              const char* platform = nullptr) const {
    expect_error(code, words, [&] { (void)find(reference, platform); });
  }
  json index(const std::vector<json>& manifests) const {
    return layout_.add_json(test::index_of(manifests), test::kIndexType);
  }

  test::TemporaryDirectory directory_;
  test::LayoutDirectory layout_{directory_.path() / "layout"};
  json first_ = layout_.add_image({"base", "first"}, "10.0.1.1");
  json second_ = layout_.add_image({"base", "second"}, "10.0.2.1");
  json linux_ = layout_.add_image({"other"}, "", "linux");
};

TEST_F(FindImage, DescribesTheOnlyOne) {
  layout_.write_index({first_});
  const ImageDescription image = find();
  EXPECT_EQ(image.manifest, first_["digest"]);
  EXPECT_EQ(image.platform, (Platform{"windows", "amd64", "10.0.1.1"}));
  ASSERT_EQ(image.layers.size(), 2U);
  EXPECT_EQ(image.layers[0].digest, test::digest_of("base"));
  EXPECT_EQ(image.layers[0].diff_id, test::digest_of("base"));
  EXPECT_EQ(image.layers[0].chain_id, image.layers[0].diff_id);
  EXPECT_EQ(image.layers[0].size, 4U);
  EXPECT_EQ(image.layers[1].chain_id,
            test::digest_of(test::digest_of("base") + " " + test::digest_of("first")));
}

TEST_F(FindImage, SelectsByReference) {
  layout_.write_index({named(first_, "a"), named(second_, "example.org/b:1")});
  EXPECT_EQ(find("example.org/b:1").manifest, second_["digest"]);
  expect(ErrorCode::kNotFound, "no image c", "c");
  const std::string digest = first_["digest"];
  expect(ErrorCode::kInvalidArgument,
         "a windows/amd64:10.0.1.1 " + digest + ", example.org/b:1 windows/amd64:10.0.2.1 sha256:");
}

TEST_F(FindImage, SelectsByFullNameIfReferencesAreEqual) {
  const auto with_full_name = [](const json& image, const std::string& name) {
    json descriptor = named(image, "latest");
    descriptor["annotations"]["io.containerd.image.name"] = name;
    return descriptor;
  };
  layout_.write_index(
      {with_full_name(first_, "example.org/a:latest"), with_full_name(second_, "example.org/b:1")});
  EXPECT_EQ(find("example.org/a:latest").manifest, first_["digest"]);
  EXPECT_EQ(find("example.org/b:1").manifest, second_["digest"]);
  expect(ErrorCode::kInvalidArgument,
         "example.org/a:latest windows/amd64:10.0.1.1 sha256:", "latest");
}

TEST_F(FindImage, SelectsByTheDigestOfAManifestOrAnIndex) {
  const json inner = index({linux_, second_});
  layout_.write_index({named(first_, "a"), named(inner, "b")});
  const auto find_digest = [&](const std::string& digest, const std::string& reference = "") {
    return find_image(layout_.path(), {.reference = reference, .platform = {}, .digest = digest});
  };
  for (const json& image : {first_, second_}) {
    EXPECT_EQ(find_digest(image["digest"]).manifest, image["digest"]);
  }
  EXPECT_EQ(find_digest(inner["digest"]).manifest, second_["digest"]);
  EXPECT_EQ(find_digest(second_["digest"], "b").manifest, second_["digest"]);
  expect_error(ErrorCode::kNotFound,
               "the layout has no image sha256:", [&] { find_digest(second_["digest"], "a"); });
  expect_error(ErrorCode::kInvalidArgument, "sha256:1 is not a digest",
               [&] { find_digest("sha256:1"); });
}

TEST_F(FindImage, SkipsArtifactsWithManifests) {
  const auto artifact = [&](const json& changes) {
    json manifest = {{"schemaVersion", 2},
                     {"config", layout_.add_blob("{}", test::kConfigType)},
                     {"layers", {layout_.add_blob("x", "application/vnd.in-toto+json")}}};
    manifest.merge_patch(changes);
    return layout_.add_json(manifest, test::kManifestType);
  };
  const json attestation = artifact(json::object());
  const json list = artifact({{"artifactType", "application/spdx+json"}});
  const json empty = artifact({{"config", {{"mediaType", "application/vnd.oci.empty.v1+json"}}}});
  json unreadable = list;
  unreadable["artifactType"] = "application/spdx+json";
  unreadable["digest"] = "sha512:" + std::string(128, 'a');
  const json large = layout_.add_blob(std::string(5U << 20, 'x'), test::kManifestType);
  layout_.write_index({attestation, list, unreadable, first_, empty, large});
  EXPECT_EQ(find().manifest, first_["digest"]);
  EXPECT_EQ(find("", "windows/amd64").manifest, first_["digest"]);
  layout_.write_index({attestation, list});
  expect(ErrorCode::kNotFound,
         "the layout has no image for windows; it has (not an image) sha256:");
}

TEST_F(FindImage, ReadsOnlyManifestsThatTheIndexDoesNotExclude) {
  const json absent = for_platform(second_, "windows", "10.0.2.1");
  std::filesystem::remove(layout_.blob(second_["digest"]));
  layout_.write_index({absent, first_});
  EXPECT_EQ(find().manifest, first_["digest"]);
  EXPECT_EQ(find("", "windows/amd64:10.0.1").manifest, first_["digest"]);
  expect(ErrorCode::kNotFound, "does not have this blob", "", "windows/amd64:10.0.2");
}

TEST_F(FindImage, SelectsByPlatformThroughNestedIndexes) {
  layout_.write_index({named(index({for_platform(first_, "windows", "10.0.1.1"),
                                    index({for_platform(second_, "windows", "10.0.2.1"),
                                           for_platform(linux_, "linux", "")})}),
                             "a")});
  EXPECT_EQ(find("a", "windows/amd64:10.0.2").manifest, second_["digest"]);
  EXPECT_EQ(find("a", "windows/amd64:10.0.1.1").manifest, first_["digest"]);
  expect(ErrorCode::kInvalidArgument, "several images match", "a", "windows/amd64");
  expect(ErrorCode::kInvalidArgument, "several images match", "a");
  expect(ErrorCode::kNotFound, "the layout has no image for windows/arm64; it has a windows", "a",
         "windows/arm64");
}

TEST_F(FindImage, PrefersTheOnlyImageForWindows) {
  layout_.write_index({linux_, first_});
  EXPECT_EQ(find().manifest, first_["digest"]);
  layout_.write_index({linux_, layout_.add_image({"x"}, "", "linux")});
  expect(ErrorCode::kNotFound, "the layout has no image for windows");
}

TEST_F(FindImage, ReadsThePlatformFromTheConfigurationIfTheIndexHasNone) {
  layout_.write_index({first_, second_});
  EXPECT_EQ(find("", "windows/amd64:10.0.2").manifest, second_["digest"]);
}

TEST_F(FindImage, CountsAnImageWithTwoNamesOnce) {
  layout_.write_index({named(first_, "a"), named(first_, "b")});
  EXPECT_EQ(find().manifest, first_["digest"]);
}

TEST_F(FindImage, SkipsOtherBlobs) {
  layout_.write_index({layout_.add_blob("signature", "application/x-signature"), first_});
  EXPECT_EQ(find().manifest, first_["digest"]);
  layout_.write_index({});
  expect(ErrorCode::kNotFound, "the layout has no images");
}

TEST_F(FindImage, RefusesImagesForOtherSystems) {
  layout_.write_index({linux_});
  expect(ErrorCode::kUnsupported, "for linux/amd64");
}

TEST_F(FindImage, RefusesIndexesThatNest) {
  json nested = first_;
  for (int i = 0; i < 4; ++i) {
    nested = index({nested});
  }
  layout_.write_index({nested});
  EXPECT_EQ(find().manifest, first_["digest"]);
  layout_.write_index({index({nested})});
  expect(ErrorCode::kLimit, "too many indexes");
}

TEST_F(FindImage, RefusesModifiedDocuments) {
  layout_.write_index({first_});
  const auto path = "blobs/sha256/" + layout_.blob(first_["digest"]).filename().string();
  layout_.write_file(path, std::string(first_["size"].get<std::size_t>(), ' '));
  expect(ErrorCode::kCorrupt, "was modified");
  layout_.write_file(path, "{}");
  expect(ErrorCode::kCorrupt, "2 bytes, expected");
  std::filesystem::remove(layout_.path() / path);
  expect(ErrorCode::kNotFound, "does not have this blob");
}

TEST_F(FindImage, RefusesAConfigurationWithOtherLayers) {
  json config = {{"os", "windows"},
                 {"architecture", "amd64"},
                 {"rootfs", {{"type", "layers"}, {"diff_ids", json::array()}}}};
  json manifest = {{"schemaVersion", 2},
                   {"config", layout_.add_json(config, test::kConfigType)},
                   {"layers", {layout_.add_blob("x", test::kLayerType)}}};
  layout_.write_index({layout_.add_json(manifest, test::kManifestType)});
  expect(ErrorCode::kCorrupt, "1 layers, but its configuration lists 0");
  manifest["layers"] = json::array();
  layout_.write_index({layout_.add_json(manifest, test::kManifestType)});
  expect(ErrorCode::kCorrupt, "no layers");
}

TEST_F(FindImage, RequiresALayout) {
  std::filesystem::remove(layout_.path() / "oci-layout");
  expect(ErrorCode::kNotFound, "not an OCI image layout");
  layout_.write_file("oci-layout", "[]");
  expect(ErrorCode::kCorrupt, "not an object");
}

}  // namespace
}  // namespace cim::oci
