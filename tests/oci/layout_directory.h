// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// An OCI image layout for a test, valid unless the test damages it.

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace cim::test {

inline constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";
inline constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
inline constexpr const char* kConfigType = "application/vnd.oci.image.config.v1+json";
inline constexpr const char* kLayerType = "application/vnd.oci.image.layer.v1.tar";

/// Returns "sha256:…" for the bytes.
std::string digest_of(const std::string& bytes);

class LayoutDirectory {
 public:
  /// Creates the directory, with an empty index.
  explicit LayoutDirectory(std::filesystem::path path);

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path blob(const std::string& digest) const;

  /// Writes a blob and returns its descriptor.
  nlohmann::json add_blob(const std::string& bytes, const std::string& media_type) const;
  nlohmann::json add_json(const nlohmann::json& document, const std::string& media_type) const;

  /// Writes the blobs of an image whose layers are these tars; returns its manifest's descriptor.
  nlohmann::json add_image(const std::vector<std::string>& tars,
                           const std::string& os_version = "10.0.20348.1",
                           const std::string& os = "windows") const;

  /// Replaces index.json with an index of these descriptors.
  void write_index(const std::vector<nlohmann::json>& manifests) const;
  void write_file(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

/// Return the descriptor with a name, or with a platform.
nlohmann::json named(nlohmann::json descriptor, const std::string& reference);
nlohmann::json for_platform(nlohmann::json descriptor, const std::string& os,
                            const std::string& os_version);

/// Returns an index document of these descriptors.
nlohmann::json index_of(const std::vector<nlohmann::json>& manifests);

}  // namespace cim::test
