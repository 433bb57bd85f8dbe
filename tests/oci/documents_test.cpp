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

// As when read from a file, where numbers without a sign are unsigned.
std::vector<Descriptor> read_index(const json& document) {
  return parse_index(json::parse(document.dump()), "x");
}
Manifest read_manifest(const json& document) {
  return parse_manifest(json::parse(document.dump()), "x");
}

TEST(OciJson, IsBoundedInSizeAndDepth) {
  const std::string large = "[" + std::string(std::size_t{4} << 20, ' ') + "]";
  expect_error(ErrorCode::kLimit, "the limit for documents",
               [&] { (void)parse_json(as_bytes(large), "x"); });
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  expect_error(ErrorCode::kLimit, "levels deep", [&] { (void)parse_json(as_bytes(deep), "x"); });
  EXPECT_NO_THROW((void)parse_json(as_bytes(std::string(30, '[') + std::string(30, ']')), "x"));
}

TEST(OciJson, RefusesNumbersThatAreTooLarge) {
  const std::string number = "1" + std::string(400, '0');
  expect_error(ErrorCode::kLimit, "too large", [&] { (void)parse_json(as_bytes(number), "x"); });
}

TEST(OciJson, IsRefusedWithTheOffsetOfTheError) {
  for (const char* text : {"", "{", "{\"a\":}", "{} x", "\"\xFF\"", "nul", "{\"a\" 1}"}) {
    expect_error(ErrorCode::kCorrupt, "at byte", [&] { (void)parse_json(as_bytes(text), "x"); });
  }
}

json parsed(std::string_view text) {
  return parse_json(as_bytes(text), "x");
}

TEST(OciJson, RefusesMembersWithEqualFoldedNames) {
  for (const char* const text : {R"({"layers": 1, "layers": 1})", R"({"layers": [], "Layers": []})",
                                 R"([{"a": {"os": 1, "OS": 2}}])", "{\"os\": 1, \"o\xC5\xBF\": 2}",
                                 R"({"K": 1, "\u212a": 2})", R"({"\u006bey": 1, "KEY": 2})",
                                 R"({"annotations": {"a": 1, "a": 2}})"}) {
    expect_error(ErrorCode::kCorrupt, "two members with the same name",
                 [&] { (void)parsed(text); });
  }
}

TEST(OciJson, ComparesKeysOfMapsExactly) {
  EXPECT_EQ(parsed(R"({"annotations": {"a": 1, "A": 2}})")["annotations"].size(), 2U);
  EXPECT_EQ(parsed(R"({"config": {"Labels": {"a": 1, "A": 2}}})")["config"]["Labels"].size(), 2U);
  EXPECT_EQ(parsed(R"([{"a": 1}, {"A": 1}])").size(), 2U);
}

TEST(OciJson, RefusesAByteOrderMark) {
  expect_error(ErrorCode::kCorrupt, "byte order mark", [] { (void)parsed("\xEF\xBB\xBF{}"); });
}

TEST(OciJson, HasOneReplacementForEachLoneSurrogate) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(parsed(R"(["\ud800"])")[0], bad);
  EXPECT_EQ(parsed(R"(["\udc00x\uD800\udbff"])")[0], bad + "x" + bad + bad);
  EXPECT_EQ(parsed(R"(["\ud800\ud83d\ude00"])")[0], bad + "\xF0\x9F\x98\x80");
  EXPECT_EQ(parsed(R"(["\\ud800"])")[0], R"(\ud800)");
  EXPECT_EQ(parsed(R"(["\ud800\u0041"])")[0], bad + "A");
}

TEST(OciDocuments, RefuseMembersThatOnlySomeReadersSee) {
  json document = test::index_of({descriptor(test::kManifestType)});
  document["manifests"][0]["Platform"] = {{"os", "windows"}};
  expect_error(ErrorCode::kCorrupt, "manifests[0] has a member \"Platform\"",
               [&] { (void)read_index(document); });
  document = manifest();
  document["Layers"] = json::array();
  document.erase("layers");
  expect_error(ErrorCode::kCorrupt, "\"Layers\" instead of \"layers\"",
               [&] { (void)read_manifest(document); });
  document = manifest();
  document["Manifests"] = json::array();
  expect_error(ErrorCode::kCorrupt, "\"Manifests\"", [&] { (void)read_manifest(document); });
}

TEST(OciManifest, OfAnArtifactIsNotThatOfAnImage) {
  EXPECT_TRUE(is_image_manifest(manifest(), "x"));
  json document = manifest();
  document["artifactType"] = "application/spdx+json";
  EXPECT_FALSE(is_image_manifest(document, "x"));
  document = manifest();
  document["config"]["mediaType"] = "application/vnd.oci.empty.v1+json";
  EXPECT_FALSE(is_image_manifest(document, "x"));
  document = manifest();  // as cosign and BuildKit make them
  document["layers"][0]["mediaType"] = "application/vnd.in-toto+json";
  EXPECT_FALSE(is_image_manifest(document, "x"));
  document["layers"].push_back(descriptor(test::kLayerType));
  EXPECT_TRUE(is_image_manifest(document, "x"));
}

TEST(OciIndex, ListsItsDescriptors) {
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
  EXPECT_FALSE(found[0].is_artifact);
}

TEST(OciIndex, DetectsArtifacts) {
  json signature = descriptor(test::kManifestType);
  signature["artifactType"] = "application/x-signature";
  json attestation = descriptor(test::kManifestType);
  attestation["annotations"] = {{"vnd.docker.reference.type", "attestation-manifest"}};
  const json unknown = test::for_platform(descriptor(test::kManifestType), "unknown", "");
  for (const Descriptor& found : read_index(test::index_of({signature, attestation, unknown}))) {
    EXPECT_TRUE(found.is_artifact);
  }
}

TEST(OciIndex, RefusesOtherDocuments) {
  const auto expect = [](ErrorCode code, std::string_view words, const json& change) {
    json document = test::index_of({descriptor(test::kManifestType)});
    document.merge_patch(change);
    expect_error(code, words, [&] { (void)read_index(document); });
  };
  expect(ErrorCode::kCorrupt, "no member \"manifests\"", {{"manifests", nullptr}});
  expect(ErrorCode::kCorrupt, "not an array", {{"manifests", "none"}});
  expect(ErrorCode::kCorrupt, "is not an object", {{"manifests", {1}}});
  expect(ErrorCode::kCorrupt, "does not allow", {{"layers", json::array()}});
  expect(ErrorCode::kCorrupt, "another media type", {{"mediaType", test::kManifestType}});
  expect(ErrorCode::kUnsupported, "schemaVersion", {{"schemaVersion", 1}});
  expect(ErrorCode::kCorrupt, "schemaVersion", {{"schemaVersion", "2"}});
  expect_error(ErrorCode::kCorrupt, "is not an object", [] { (void)read_index(json(1)); });
  const std::vector<json> many(10'001, descriptor(test::kManifestType));
  expect_error(ErrorCode::kLimit, "10001 elements",
               [&] { (void)read_index(test::index_of(many)); });
}

TEST(OciDescriptor, RequiresADigestAndASize) {
  const auto expect = [](ErrorCode code, std::string_view words, const json& change) {
    json changed = descriptor(test::kManifestType);
    changed.merge_patch(change);
    expect_error(code, words, [&] { (void)read_index(test::index_of({changed})); });
  };
  expect(ErrorCode::kCorrupt, "manifests[0] has no member \"digest\"", {{"digest", nullptr}});
  expect(ErrorCode::kCorrupt, "not a digest: sha256:../../etc/passwd",
         {{"digest", "sha256:../../etc/passwd"}});
  expect(ErrorCode::kCorrupt, "not a digest: ../../etc/passwd", {{"digest", "../../etc/passwd"}});
  expect(ErrorCode::kUnsupported, "only SHA-256", {{"digest", "sha512:" + std::string(128, 'a')}});
  expect(ErrorCode::kCorrupt, "not a string", {{"digest", 1}});
  for (const json& size : {json(-1), json(1.5), json("7")}) {
    expect(ErrorCode::kCorrupt, "not a size", {{"size", size}});
  }
  expect(ErrorCode::kCorrupt, "manifests[0].platform is not an object", {{"platform", 1}});
}

TEST(OciManifest, ListsItsLayersInOrder) {
  json document = manifest();
  document["layers"].push_back(descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip"));
  const Manifest found = read_manifest(document);
  EXPECT_EQ(found.config.media_type, test::kConfigType);
  ASSERT_EQ(found.layers.size(), 2U);
  EXPECT_EQ(found.layers[0].media_type, test::kLayerType);
}

TEST(OciManifest, ReadsDockerManifests) {
  json document = manifest();
  document["mediaType"] = "application/vnd.docker.distribution.manifest.v2+json";
  document["config"]["mediaType"] = "application/vnd.docker.container.image.v1+json";
  EXPECT_EQ(read_manifest(document).layers.size(), 1U);
}

TEST(OciManifest, RefusesOtherDocuments) {
  const auto expect = [](ErrorCode code, std::string_view words, const json& change) {
    json document = manifest();
    document.merge_patch(change);
    expect_error(code, words, [&] { (void)read_manifest(document); });
  };
  expect(ErrorCode::kUnsupported, "not a container image",
         {{"config", {{"mediaType", "application/vnd.oci.empty.v1+json"}}}});
  expect(ErrorCode::kCorrupt, "no member \"config\"", {{"config", nullptr}});
  expect(ErrorCode::kUnsupported, "unknown type: application/x-xz",
         {{"layers", {descriptor("application/x-xz")}}});
  expect(ErrorCode::kCorrupt, "does not allow", {{"manifests", json::array()}});
  expect(ErrorCode::kLimit, "1001 elements",
         {{"layers", std::vector<json>(1001, descriptor(test::kLayerType))}});
}

TEST(OciConfiguration, ReturnsPlatformAndDiffIds) {
  const json document = {{"os", "windows"},
                         {"architecture", "amd64"},
                         {"os.version", "10.0.1"},
                         {"rootfs", {{"type", "layers"}, {"diff_ids", {kDigest}}}}};
  const Configuration found = parse_configuration(document, "x");
  EXPECT_EQ(found.platform, (Platform{"windows", "amd64", "10.0.1"}));
  EXPECT_EQ(found.diff_ids.size(), 1U);
  json other = document;
  other["rootfs"]["type"] = "blocks";
  expect_error(ErrorCode::kCorrupt, "does not consist of layers",
               [&] { (void)parse_configuration(other, "x"); });
  other = document;
  other["rootfs"]["diff_ids"] = {"x"};
  expect_error(ErrorCode::kCorrupt, "not a digest", [&] { (void)parse_configuration(other, "x"); });
  other.erase("rootfs");
  expect_error(ErrorCode::kCorrupt, "rootfs", [&] { (void)parse_configuration(other, "x"); });
}

TEST(OciLayoutVersion, MustBe1) {
  EXPECT_NO_THROW(check_layout_version({{"imageLayoutVersion", "1.0.0"}}, "x"));
  expect_error(ErrorCode::kUnsupported, "version 2.0.0", [] {
    check_layout_version({{"imageLayoutVersion", "2.0.0"}}, "x");
  });
  expect_error(ErrorCode::kCorrupt, "imageLayoutVersion",
               [] { check_layout_version(json::object(), "x"); });
}

TEST(OciMediaTypes, IdentifyNondistributableLayers) {
  EXPECT_TRUE(is_nondistributable("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"));
  EXPECT_TRUE(is_nondistributable("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"));
  EXPECT_FALSE(is_nondistributable(test::kLayerType));
}

const std::string kDigits(64, 'a');

TEST(Digest, IsSha256InCanonicalSpelling) {
  EXPECT_EQ(Digest::parse("sha256:" + kDigits).value().hex(), kDigits);
  EXPECT_EQ(Digest::parse("sha256:" + kDigits).value().text(), "sha256:" + kDigits);
  for (const std::string& wrong :
       {kDigits, "sha256:" + kDigits + "a", "sha256:" + kDigits.substr(1),
        "sha256:" + std::string(64, 'A'), "sha256:../" + std::string(61, 'a'), "sha512:" + kDigits,
        "SHA256:" + kDigits, std::string()}) {
    EXPECT_FALSE(Digest::parse(wrong).has_value()) << wrong;
  }
}

// Computed with sha256sum.
TEST(Digest, ComputesChainIdsFromDiffIds) {
  const Digest a = Digest::parse("sha256:" + std::string(64, '1')).value();
  const Digest b = Digest::parse("sha256:" + std::string(64, '2')).value();
  const std::vector<Digest> chain = chain_ids({a, b, a});
  ASSERT_EQ(chain.size(), 3U);
  EXPECT_EQ(chain[0], a);
  EXPECT_EQ(chain[1].hex(), "9932074217c35353d2e03a3f5a86549f7c67bfeb0ba53e23d69f4d4c8f7958f5");
  EXPECT_EQ(chain[2].hex(), "cc68b5999b6e49875d65ff354334e05c43e65a3921cab7ff95f6385e3390e63a");
  EXPECT_TRUE(chain_ids({}).empty());
}

}  // namespace
}  // namespace cim::oci
