// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/documents.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/oci.h"

#include "base/bytes.h"
#include "base/strict_json.h"
#include "layer/chain_document.h"
#include "oci/artifact_manifest.h"
#include "oci/layout_directory.h"
#include "scaling/measure.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

constexpr std::string_view kDigest =
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

// Parses the text as a document of the kind that it says it is.
void parse(const std::string& text) {
  try {
    const auto document = parse_json(as_bytes(text), "document");
    static_cast<void>(document.contains("manifests") ? oci::parse_index(document, "document").size()
                      : document.contains("rootfs")
                          ? oci::parse_configuration(document, "document").diff_ids.size()
                          : oci::parse_manifest(document, "document").layers.size());
  } catch (const Error&) {  // a limit is a valid result, too
  }
}

// Parses text with n results of `item` between `begin` and `end`.
Countable json(std::string name, std::size_t count, const std::string& begin,
               const std::function<std::string(std::size_t)>& item, const std::string& end) {
  return {"JSON: " + std::move(name), count, [=](std::size_t n) {
            std::string text = begin;
            for (std::size_t i = 0; i < n; ++i) {
              text += item(i);
            }
            return [text = text + end] { parse(text); };
          }};
}

// Stays below the limit of 32 levels, above which a document is refused without being read.
Countable depth_of_arrays() {
  return {"JSON: depth", 3, [](std::size_t n) {
            return [text = std::string(n + 1, '[') + std::string(n + 1, ']')] { parse(text); };
          }};
}

std::string descriptor(std::string_view type) {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":1}})", type, kDigest);
}

// Finds an image in a layout with n manifests of other systems.
Countable manifests_of_a_layout() {
  return {"manifests of a layout", 100, [](std::size_t n) {
            auto directory = std::make_shared<TemporaryDirectory>();
            const LayoutDirectory layout(directory->path() / "layout");
            std::vector<nlohmann::json> all;
            const nlohmann::json image = layout.add_image({"tar"});
            for (std::size_t i = 0; i < n; ++i) {
              all.push_back(named(for_platform(image, "linux", ""), fmt::format("name{}", i)));
            }
            all.push_back(named(image, "wanted"));
            layout.write_index(all);
            return [directory, path = layout.path()] {
              static_cast<void>(oci::find_image(path, {.reference = "wanted"}));
            };
          }};
}

Countable layers_of_a_chain() {
  return {"layerchain.json: layers", 1000, [](std::size_t n) {
            std::string text = "[";
            for (std::size_t i = 0; i < n; ++i) {
              text += fmt::format("\"/{}\",", i);
            }
            text += "\"/x\"]";
            return [text] { layer::parse_layer_chain(as_bytes(text), "chain"); };
          }};
}

// Parses the manifest of an artifact with n regions besides one.
Countable regions_of_an_artifact() {
  return {"artifact: regions", 90, [](std::size_t n) {
            const auto digest = oci::Digest::parse(kDigest).value();
            const oci::Descriptor manifest{
                .media_type = kManifestType, .digest = digest, .size = 1};
            oci::Artifact artifact{.manifest = manifest,
                                   .subject = manifest,
                                   .chain_id = digest,
                                   .diff_id = digest,
                                   .blobs = {}};
            artifact.blobs.push_back(
                {.part = oci::ArtifactPart::kFilesystem, .digest = digest, .size = 1});
            for (std::size_t i = 0; i <= n; ++i) {
              oci::ArtifactBlob region{
                  .part = oci::ArtifactPart::kRegion, .digest = digest, .size = 100};
              region.name = fmt::format("region_00000000-0000-0000-0000-000000000001_{}", i);
              region.plain_digest = digest;
              region.plain_size = 100;
              region.header.resize(40);
              artifact.blobs.push_back(std::move(region));
            }
            for (const auto part : {oci::ArtifactPart::kFrames, oci::ArtifactPart::kSidecars}) {
              artifact.blobs.push_back({.part = part, .digest = digest, .size = 1});
            }
            return [text = oci::encode(artifact), manifest] {
              (void)oci::parse_artifact(parse_json(as_bytes(text), "x"), manifest, "x");
            };
          }};
}

Countable frames_of_a_file() {
  return {"seek table: frames", 1000, [](std::size_t n) {
            std::vector<oci::Frame> frames;
            for (std::size_t i = 0; i < n; ++i) {
              frames.push_back({i, 1, static_cast<std::uint32_t>(oci::kFrameSize)});
            }
            const Bytes table = oci::encode_seek_table(frames);
            const oci::PackedSizes sizes{n * oci::kFrameSize, n + table.size(), table.size()};
            return [table, sizes] { (void)oci::parse_seek_table(table, sizes, "x"); };
          }};
}

}  // namespace

std::vector<Countable> oci_countables() {
  const std::string layer = descriptor(kLayerType);
  return {
      json(
          "members of an object", 1000, "{",
          [](std::size_t i) { return fmt::format("\"m{}\":0,", i); }, R"("x":0})"),
      depth_of_arrays(),
      json(
          "characters of a text", 10000, "{\"x\":\"", [](std::size_t) { return "\\u00e9"; }, "\"}"),
      json(
          "manifests of an index", 200, R"({"schemaVersion":2,"manifests":[)",
          [](std::size_t) { return descriptor(kManifestType) + ","; },
          descriptor(kManifestType) + "]}"),
      json(
          "layers of a manifest", 200,
          R"({"schemaVersion":2,"config":)" + descriptor(kConfigType) + R"(,"layers":[)",
          [layer](std::size_t) { return layer + ","; }, layer + "]}"),
      json(
          "layers of a configuration", 500,
          R"({"os":"windows","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[)",
          [](std::size_t) { return fmt::format("\"{}\",", kDigest); },
          fmt::format("\"{}\"]}}}}", kDigest)),
      manifests_of_a_layout(),
      regions_of_an_artifact(),
      frames_of_a_file(),
      layers_of_a_chain(),
  };
}

}  // namespace cim::test
