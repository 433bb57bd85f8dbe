// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/documents.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "expect_error.h"
#include "layout_directory.h"

namespace cim::oci {
namespace {

using nlohmann::json;
using test::expect_error;

const std::string kDigest = "sha256:" + std::string(64, 'a');

json descriptor(const std::string& media_type) {
  return {{"mediaType", media_type}, {"digest", kDigest}, {"size", 7}};
}

json manifest() {
  return {{"schemaVersion", 2},
          {"config", descriptor(test::kConfigType)},
          {"layers", {descriptor(test::kLayerType)}}};
}

// As from a file, where numbers without a sign are unsigned.
std::vector<Descriptor> read_index(const json& document) {
  return parse_index(json::parse(document.dump()), "x");
}
Manifest read_manifest(const json& document) {
  return parse_manifest(json::parse(document.dump()), "x");
}

TEST(OciJson, IsBoundedInSizeAndDepth) {
  const std::string large = "[" + std::string(std::size_t{4} << 20, ' ') + "]";
  expect_error(ErrorCode::kLimit, "at most", [&] { (void)parse_json(as_bytes(large), "x"); });
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  expect_error(ErrorCode::kLimit, "levels deep", [&] { (void)parse_json(as_bytes(deep), "x"); });
  EXPECT_NO_THROW((void)parse_json(as_bytes(std::string(30, '[') + std::string(30, ']')), "x"));
}

TEST(OciJson, HasNoNumbersThatNothingHolds) {
  const std::string number = "1" + std::string(400, '0');
  expect_error(ErrorCode::kLimit, "too large", [&] { (void)parse_json(as_bytes(number), "x"); });
}

TEST(OciJson, IsRefusedWithThePlaceWhereItBreaks) {
  for (const char* text : {"", "{", "{\"a\":}", "{} x", "\"\xFF\"", "nul", "{\"a\" 1}"}) {
    expect_error(ErrorCode::kCorrupt, "at byte", [&] { (void)parse_json(as_bytes(text), "x"); });
  }
}

TEST(OciIndex, ShowsWhatItRefersTo) {
  json first = test::named(test::for_platform(descriptor(test::kManifestType), "windows", "10.0.1"),
                           "latest");
  first["urls"] = {"https://example.org/x"};
  const auto found = read_index(test::index_of({first, descriptor("application/x-something")}));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].reference, "latest");
  EXPECT_EQ(found[0].platform, (Platform{"windows", "amd64", "10.0.1"}));
  EXPECT_EQ(found[0].size, 7U);
  EXPECT_EQ(found[0].digest.text(), kDigest);
  EXPECT_EQ(found[0].urls.size(), 1U);
  EXPECT_FALSE(found[1].platform.has_value());
}

TEST(OciIndex, RefusesWhatIsNotOne) {
  const auto expect = [](ErrorCode code, std::string_view words, const json& change) {
    json document = test::index_of({descriptor(test::kManifestType)});
    document.merge_patch(change);
    expect_error(code, words, [&] { (void)read_index(document); });
  };
  expect(ErrorCode::kCorrupt, "no member \"manifests\"", {{"manifests", nullptr}});
  expect(ErrorCode::kCorrupt, "no array", {{"manifests", "none"}});
  expect(ErrorCode::kCorrupt, "is no object", {{"manifests", {1}}});
  expect(ErrorCode::kCorrupt, "can't have", {{"layers", json::array()}});
  expect(ErrorCode::kCorrupt, "another kind", {{"mediaType", test::kManifestType}});
  expect(ErrorCode::kUnsupported, "schemaVersion", {{"schemaVersion", 1}});
  expect(ErrorCode::kCorrupt, "schemaVersion", {{"schemaVersion", "2"}});
  expect_error(ErrorCode::kCorrupt, "is no object", [] { (void)read_index(json(1)); });
  const std::vector<json> many(10'001, descriptor(test::kManifestType));
  expect_error(ErrorCode::kLimit, "10001 elements",
               [&] { (void)read_index(test::index_of(many)); });
}

TEST(OciDescriptor, NeedsADigestAndASize) {
  const auto expect = [](ErrorCode code, std::string_view words, const json& change) {
    json changed = descriptor(test::kManifestType);
    changed.merge_patch(change);
    expect_error(code, words, [&] { (void)read_index(test::index_of({changed})); });
  };
  expect(ErrorCode::kCorrupt, "manifests[0] has no member \"digest\"", {{"digest", nullptr}});
  expect(ErrorCode::kCorrupt, "no digest: sha256:../../etc/passwd",
         {{"digest", "sha256:../../etc/passwd"}});
  expect(ErrorCode::kCorrupt, "no digest: ../../etc/passwd", {{"digest", "../../etc/passwd"}});
  expect(ErrorCode::kUnsupported, "only SHA-256", {{"digest", "sha512:" + std::string(128, 'a')}});
  expect(ErrorCode::kCorrupt, "no text", {{"digest", 1}});
  for (const json& size : {json(-1), json(1.5), json("7")}) {
    expect(ErrorCode::kCorrupt, "no size", {{"size", size}});
  }
  expect(ErrorCode::kCorrupt, "manifests[0].platform is no object", {{"platform", 1}});
}

TEST(OciManifest, ShowsItsLayersInOrder) {
  json document = manifest();
  document["layers"].push_back(descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip"));
  const Manifest found = read_manifest(document);
  EXPECT_EQ(found.config.media_type, test::kConfigType);
  ASSERT_EQ(found.layers.size(), 2U);
  EXPECT_EQ(found.layers[0].media_type, test::kLayerType);
}

TEST(OciManifest, OfDockerIsReadAsWell) {
  json document = manifest();
  document["mediaType"] = "application/vnd.docker.distribution.manifest.v2+json";
  document["config"]["mediaType"] = "application/vnd.docker.container.image.v1+json";
  EXPECT_EQ(read_manifest(document).layers.size(), 1U);
}

TEST(OciManifest, RefusesWhatIsNoImage) {
  const auto expect = [](ErrorCode code, std::string_view words, const json& change) {
    json document = manifest();
    document.merge_patch(change);
    expect_error(code, words, [&] { (void)read_manifest(document); });
  };
  expect(ErrorCode::kUnsupported, "no image for containers",
         {{"config", {{"mediaType", "application/vnd.oci.empty.v1+json"}}}});
  expect(ErrorCode::kCorrupt, "no member \"config\"", {{"config", nullptr}});
  expect(ErrorCode::kUnsupported, "unknown type: application/x-xz",
         {{"layers", {descriptor("application/x-xz")}}});
  expect(ErrorCode::kCorrupt, "can't have", {{"manifests", json::array()}});
  expect(ErrorCode::kLimit, "1001 elements",
         {{"layers", std::vector<json>(1001, descriptor(test::kLayerType))}});
}

TEST(OciConfiguration, ShowsPlatformAndDiffIds) {
  const json document = {{"os", "windows"},
                         {"architecture", "amd64"},
                         {"os.version", "10.0.1"},
                         {"rootfs", {{"type", "layers"}, {"diff_ids", {kDigest}}}}};
  const Configuration found = parse_configuration(document, "x");
  EXPECT_EQ(found.platform, (Platform{"windows", "amd64", "10.0.1"}));
  EXPECT_EQ(found.diff_ids.size(), 1U);
  json other = document;
  other["rootfs"]["type"] = "blocks";
  expect_error(ErrorCode::kCorrupt, "not made of layers",
               [&] { (void)parse_configuration(other, "x"); });
  other = document;
  other["rootfs"]["diff_ids"] = {"x"};
  expect_error(ErrorCode::kCorrupt, "no digest", [&] { (void)parse_configuration(other, "x"); });
  other.erase("rootfs");
  expect_error(ErrorCode::kCorrupt, "rootfs", [&] { (void)parse_configuration(other, "x"); });
}

TEST(OciLayoutVersion, MustBeTheFirst) {
  EXPECT_NO_THROW(check_layout_version({{"imageLayoutVersion", "1.0.0"}}, "x"));
  expect_error(ErrorCode::kUnsupported, "version 2.0.0", [] {
    check_layout_version({{"imageLayoutVersion", "2.0.0"}}, "x");
  });
  expect_error(ErrorCode::kCorrupt, "imageLayoutVersion",
               [] { check_layout_version(json::object(), "x"); });
}

TEST(OciMediaTypes, TellLayersThatMayNotBeHandedOn) {
  EXPECT_TRUE(is_nondistributable("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"));
  EXPECT_TRUE(is_nondistributable("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"));
  EXPECT_FALSE(is_nondistributable(test::kLayerType));
}

}  // namespace
}  // namespace cim::oci
