// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The JSON documents of a layout: indexes, manifests and configurations, in the formats of OCI and
// Docker, and the digests by which they refer to each other. Nothing here accesses files.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cimlib/oci.h"

#include "base/bytes.h"
#include "base/strict_json.h"
#include "os/crypto.h"

namespace cim::oci {

/// A digest in the notation of OCI documents. Only SHA-256 in its canonical spelling is accepted,
/// so that a digest can be part of a path.
class Digest {
 public:
  explicit Digest(const Sha256Digest& digest) : hex_(cim::to_hex(digest)) {}

  /// Parses "sha256:" and 64 lower-case hexadecimal digits; returns nullopt for anything else.
  static std::optional<Digest> parse(std::string_view text);

  const std::string& hex() const noexcept { return hex_; }
  std::string text() const { return "sha256:" + hex_; }

  bool operator==(const Digest&) const = default;

 private:
  explicit Digest(std::string hex) : hex_(std::move(hex)) {}

  std::string hex_;
};

/// Returns the chain id of a layer on top of the layer with the chain id `parent`.
Digest chain_id_on(const Digest& parent, const Digest& diff_id);
/// Returns the chain id of each layer from the diff ids of an image, the base first.
std::vector<Digest> chain_ids(const std::vector<Digest>& diff_ids);

/// The kind of a blob, from its media type.
enum class BlobKind { kIndex, kManifest, kConfig, kLayer, kOther };
BlobKind kind_of(std::string_view media_type) noexcept;

/// Returns true for a layer that its vendor does not allow others to distribute, such as old base
/// layers of Windows.
bool is_nondistributable(std::string_view media_type) noexcept;

/// A reference to a blob.
struct Descriptor {
  std::string media_type = {};
  Digest digest;
  std::uint64_t size = 0;
  std::optional<Platform> platform = {};
  std::string reference = {};          // the OCI annotation of a name; empty if missing
  std::string full_name = {};          // containerd's annotation of a name; empty if missing
  bool is_artifact = false;            // true if it says that its target is not an image
  std::vector<std::string> urls = {};  // other locations of the blob
  std::string text = {};           // the element of a list in JSON; empty if it is not from a list
  std::string artifact_type = {};  // empty if it does not say
};

/// The parts of a manifest that imports use.
struct Manifest {
  Descriptor config;
  std::vector<Descriptor> layers;  // the base first
};

/// The parts of an image configuration that imports use.
struct Configuration {
  Platform platform;
  std::vector<Digest> diff_ids;
};

/// Returns the descriptors of an index whose kind is known. Throws kCorrupt, and kUnsupported for
/// digests other than SHA-256, as do the functions below; `subject` names the document in errors.
std::vector<Descriptor> parse_index(const nlohmann::json& document, const std::string& subject);
/// Returns whether a manifest describes an image. Signatures, bills of materials and attestations
/// have manifests of the same media type.
bool is_image_manifest(const nlohmann::json& document, const std::string& subject);
/// Throws kUnsupported if the document is not an image, or has layers of an unknown kind.
Manifest parse_manifest(const nlohmann::json& document, const std::string& subject);
Configuration parse_configuration(const nlohmann::json& document, const std::string& subject);

/// An image in the document manifest.json of an archive that `docker save` writes. Such an archive
/// has no manifests in the sense of registries. Files are named as in the document.
struct DockerImage {
  std::string config;
  std::vector<std::string> tags;
  std::vector<std::string> layers;  // the base first
};
std::vector<DockerImage> parse_docker_manifest(const nlohmann::json& document,
                                               const std::string& subject);

/// Returns the name of the index that lists what refers to a manifest: the tag of a registry that
/// does not list it otherwise.
std::string referrers_tag(const Digest& manifest);

/// Checks the file `oci-layout`. Throws kUnsupported for a future version.
void check_layout_version(const nlohmann::json& document, const std::string& subject);

}  // namespace cim::oci
