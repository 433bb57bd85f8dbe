// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The JSON documents of a layout: indexes, manifests and configurations, of OCI and of Docker.
// Nothing here touches a file.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cimlib/oci.h"

#include "base/bytes.h"
#include "oci/digest.h"

namespace cim::oci {

/// What a blob may be, by its media type.
enum class BlobKind { kIndex, kManifest, kConfig, kLayer, kOther };
BlobKind kind_of(std::string_view media_type) noexcept;

/// A layer that its maker doesn't let others hand on, as old base layers of Windows.
bool is_nondistributable(std::string_view media_type) noexcept;

/// A reference to a blob.
struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;
  std::optional<Platform> platform;
  std::string reference;          // the OCI annotation of a name; empty for none
  std::string full_name;          // containerd's annotation of a name; empty for none
  bool is_artifact = false;       // whether it says that what it refers to is no image
  std::vector<std::string> urls;  // where else it is to be had
};

struct Manifest {
  Descriptor config;
  std::vector<Descriptor> layers;  // the base first
};

struct Configuration {
  Platform platform;
  std::vector<Digest> diff_ids;
};

/// What registries take of a document at most, in bytes.
inline constexpr std::size_t kLargestDocument = std::size_t{4} << 20;

/// Parses a document of at most kLargestDocument bytes and a limited depth. Surrogates that stand
/// alone become U+FFFD, as Go's readers have it. An object with two members whose names differ in
/// case alone is kCorrupt: readers disagree about which of them counts. Throws kLimit, kCorrupt;
/// `subject` names the document in errors, here and below.
nlohmann::json parse_json(ByteView text, const std::string& subject);

/// What an index refers to, as far as its kind is known. Throws kCorrupt, and kUnsupported for
/// other digests than SHA-256, as the others do.
std::vector<Descriptor> parse_index(const nlohmann::json& document, const std::string& subject);
/// Returns whether a manifest is that of an image. Signatures, lists of contents and attestations
/// have manifests of the same media type.
bool is_image_manifest(const nlohmann::json& document, const std::string& subject);
/// Throws kUnsupported for what is no image, or has layers of an unknown kind.
Manifest parse_manifest(const nlohmann::json& document, const std::string& subject);
Configuration parse_configuration(const nlohmann::json& document, const std::string& subject);
/// The file `oci-layout`. Throws kUnsupported for a version to come.
void check_layout_version(const nlohmann::json& document, const std::string& subject);

}  // namespace cim::oci
