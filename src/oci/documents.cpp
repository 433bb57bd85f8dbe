// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Decodes documents that were parsed by strict_json.h. A document from a registry is untrusted:
// every member is checked for its type, every list for its length, and a member spelled in another
// case is an error, since Go's decoder would accept it and others would not.
#include "oci/documents.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "base/printable.h"
#include "oci/json_members.h"

namespace cim::oci {
namespace {

using Json = nlohmann::json;

// Windows supports 127 layers or fewer; no index lists as many platforms.
constexpr std::size_t kMostLayers = 1000;
constexpr std::size_t kMostReferences = 10'000;

constexpr std::string_view kReferenceAnnotation = "org.opencontainers.image.ref.name";
constexpr std::string_view kFullNameAnnotation = "io.containerd.image.name";
// BuildKit marks attestations with it.
constexpr std::string_view kReferenceTypeAnnotation = "vnd.docker.reference.type";

struct KnownType {
  std::string_view media_type;
  BlobKind kind;
};

// The media types of OCI and their counterparts of Docker, whose documents have the same members.
constexpr auto kKnownTypes = std::to_array<KnownType>({
    {"application/vnd.oci.image.index.v1+json", BlobKind::kIndex},
    {"application/vnd.docker.distribution.manifest.list.v2+json", BlobKind::kIndex},
    {"application/vnd.oci.image.manifest.v1+json", BlobKind::kManifest},
    {"application/vnd.docker.distribution.manifest.v2+json", BlobKind::kManifest},
    {"application/vnd.oci.image.config.v1+json", BlobKind::kConfig},
    {"application/vnd.docker.container.image.v1+json", BlobKind::kConfig},
    {"application/vnd.oci.image.layer.v1.tar", BlobKind::kLayer},
    {"application/vnd.oci.image.layer.v1.tar+gzip", BlobKind::kLayer},
    {"application/vnd.oci.image.layer.v1.tar+zstd", BlobKind::kLayer},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar", BlobKind::kLayer},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", BlobKind::kLayer},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", BlobKind::kLayer},
    {"application/vnd.docker.image.rootfs.diff.tar", BlobKind::kLayer},
    {"application/vnd.docker.image.rootfs.diff.tar.gzip", BlobKind::kLayer},
    {"application/vnd.docker.image.rootfs.diff.tar.zstd", BlobKind::kLayer},
    {"application/vnd.docker.image.rootfs.foreign.diff.tar", BlobKind::kLayer},
    {"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", BlobKind::kLayer},
    {"application/vnd.docker.image.rootfs.foreign.diff.tar.zstd", BlobKind::kLayer},
});

// Members that are missing are empty.
Platform platform_of(const Members& members) {
  return {.os = members.text("os"),
          .architecture = members.text("architecture"),
          .os_version = members.text("os.version")};
}

// An artifact is recognized by any of three marks, which tools set in different combinations.
Descriptor parse_descriptor(const Members& members) {
  Descriptor descriptor{.media_type = members.text("mediaType"),
                        .digest = members.digest_of(members.required("digest"), "digest"),
                        .size = members.required_size("size")};
  descriptor.artifact_type = members.text("artifactType");
  descriptor.is_artifact = !descriptor.artifact_type.empty();
  if (members.find("platform") != nullptr) {
    descriptor.platform = platform_of(members.object("platform"));
    descriptor.is_artifact = descriptor.is_artifact || descriptor.platform->os == "unknown";
  }
  if (members.find("annotations") != nullptr) {
    const Members annotations = members.object("annotations");
    descriptor.reference = annotations.annotation(kReferenceAnnotation);
    descriptor.full_name = annotations.annotation(kFullNameAnnotation);
    descriptor.is_artifact =
        descriptor.is_artifact || !annotations.annotation(kReferenceTypeAnnotation).empty();
  }
  for (const Json& url : members.list("urls", kMostReferences)) {
    if (url.is_string()) {
      descriptor.urls.push_back(url.get<std::string>());
    }
  }
  return descriptor;
}

// An artifact that is stored with images may have a kind of digest that is not allowed for an
// image.
bool is_readable(const Members& descriptor) {
  const bool is_artifact = kind_of(descriptor.text("mediaType")) == BlobKind::kOther ||
                           !descriptor.text("artifactType").empty();
  return !is_artifact || Digest::parse(descriptor.text("digest"));
}

// The position of an element in its list names it in errors.
std::vector<Descriptor> parse_descriptors(const Members& document, std::string_view name,
                                          std::size_t most, const std::string& subject,
                                          bool (*is_wanted)(const Members&)) {
  std::vector<Descriptor> descriptors;
  std::size_t place = 0;
  for (const Json& element : document.list(name, most)) {
    const Members members(element, subject, fmt::format("{}[{}]", name, place++));
    if (is_wanted(members)) {
      descriptors.push_back(parse_descriptor(members));
      descriptors.back().text = element.dump();
    }
  }
  return descriptors;
}

// Rejects a document that can be read as an index and as a manifest: it means different images to
// different readers.
Members sound_document(const Json& document, const std::string& subject, BlobKind kind,
                       std::string_view foreign) {
  Members members(document, subject, "the document");
  const std::string media_type = members.text("mediaType");
  if (!media_type.empty() && kind_of(media_type) != kind) {
    members.fail(fmt::format("states another media type: {}", printable(media_type)));
  }
  if (members.find(foreign) != nullptr) {
    members.fail(fmt::format("has a member \"{}\" that its media type does not allow", foreign));
  }
  if (members.required_size("schemaVersion") != 2) {
    throw Error(ErrorCode::kUnsupported, subject, "the document's schemaVersion is not 2");
  }
  return members;
}

}  // namespace

// Media types are compared exactly, with their case and without parameters.
BlobKind kind_of(std::string_view media_type) noexcept {
  for (const KnownType& known : kKnownTypes) {
    if (known.media_type == media_type) {
      return known.kind;
    }
  }
  return BlobKind::kOther;
}

bool is_nondistributable(std::string_view media_type) noexcept {
  return media_type.find(".nondistributable.") != std::string_view::npos ||
         media_type.find(".foreign.") != std::string_view::npos;
}

std::vector<Descriptor> parse_index(const nlohmann::json& document, const std::string& subject) {
  const Members members = sound_document(document, subject, BlobKind::kIndex, "layers");
  (void)members.required("manifests");
  return parse_descriptors(members, "manifests", kMostReferences, subject, is_readable);
}

bool is_image_manifest(const nlohmann::json& document, const std::string& subject) {
  const Members members(document, subject, "the document");
  if (!members.text("artifactType").empty() || members.find("config") == nullptr ||
      kind_of(members.object("config").text("mediaType")) != BlobKind::kConfig) {
    return false;
  }
  // Signatures of cosign and attestations of BuildKit claim to have the configuration of an image.
  const Json& layers = members.list("layers", kMostLayers);
  return layers.empty() || std::ranges::any_of(layers, [&](const Json& layer) {
           const Members descriptor(layer, subject, "a layer");
           return kind_of(descriptor.text("mediaType")) == BlobKind::kLayer;
         });
}

Manifest parse_manifest(const nlohmann::json& document, const std::string& subject) {
  const Members members = sound_document(document, subject, BlobKind::kManifest, "manifests");
  Manifest manifest{.config = parse_descriptor(members.object("config")),
                    .layers = parse_descriptors(members, "layers", kMostLayers, subject,
                                                [](const Members&) { return true; })};
  if (kind_of(manifest.config.media_type) != BlobKind::kConfig) {
    throw Error(ErrorCode::kUnsupported, subject,
                fmt::format("not a container image: its configuration has type {}",
                            printable(manifest.config.media_type)));
  }
  for (const Descriptor& layer : manifest.layers) {
    if (kind_of(layer.media_type) != BlobKind::kLayer) {
      throw Error(ErrorCode::kUnsupported, subject,
                  fmt::format("a layer has an unknown type: {}", printable(layer.media_type)));
    }
  }
  return manifest;
}

Configuration parse_configuration(const nlohmann::json& document, const std::string& subject) {
  const Members members(document, subject, "the configuration");
  Configuration configuration{.platform = platform_of(members), .diff_ids = {}};
  const Members rootfs = members.object("rootfs");
  if (rootfs.required_text("type") != "layers") {
    rootfs.fail("does not consist of layers");
  }
  for (const Json& diff_id : rootfs.list("diff_ids", kMostLayers)) {
    configuration.diff_ids.push_back(rootfs.digest_of(diff_id, "diff_ids"));
  }
  return configuration;
}

std::vector<DockerImage> parse_docker_manifest(const nlohmann::json& document,
                                               const std::string& subject) {
  if (!document.is_array()) {
    throw Error(ErrorCode::kCorrupt, subject, "the document is not an array");
  }
  if (document.size() > kMostReferences) {
    throw Error(ErrorCode::kLimit, subject,
                fmt::format("lists {} images; the limit is {}", document.size(), kMostReferences));
  }
  std::vector<DockerImage> images;
  for (const Json& element : document) {
    const Members members(element, subject, fmt::format("image {}", images.size()));
    DockerImage image{.config = members.required_text("Config"), .tags = {}, .layers = {}};
    for (const Json& tag : members.list("RepoTags", kMostReferences)) {
      image.tags.push_back(members.text_of(tag, "RepoTags"));
    }
    for (const Json& layer : members.list("Layers", kMostLayers)) {
      image.layers.push_back(members.text_of(layer, "Layers"));
    }
    images.push_back(std::move(image));
  }
  return images;
}

void check_layout_version(const nlohmann::json& document, const std::string& subject) {
  const Members members(document, subject, "the document");
  const std::string version = members.required_text("imageLayoutVersion");
  if (!version.starts_with("1.")) {
    throw Error(ErrorCode::kUnsupported, subject,
                fmt::format("unsupported image layout version {}", printable(version)));
  }
}

std::string referrers_tag(const Digest& manifest) {
  return "sha256-" + manifest.hex();
}

std::optional<Digest> Digest::parse(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  constexpr std::size_t kDigits = 64;
  if (!text.starts_with(kPrefix) || text.size() != kPrefix.size() + kDigits) {
    return std::nullopt;
  }
  text.remove_prefix(kPrefix.size());
  const bool is_hex = std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return is_hex ? std::optional(Digest(std::string(text))) : std::nullopt;
}

// The text "CHAIN DIFF" of the chain id below and the layer's diff id (OCI image specification).
Digest chain_id_on(const Digest& parent, const Digest& diff_id) {
  return Digest(Sha256::of(as_bytes(parent.text() + " " + diff_id.text())));
}

// The chain id of the base is its diff id.
std::vector<Digest> chain_ids(const std::vector<Digest>& diff_ids) {
  std::vector<Digest> chain;
  chain.reserve(diff_ids.size());
  for (const Digest& diff_id : diff_ids) {
    chain.push_back(chain.empty() ? diff_id : chain_id_on(chain.back(), diff_id));
  }
  return chain;
}

}  // namespace cim::oci
