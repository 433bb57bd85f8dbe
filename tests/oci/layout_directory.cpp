// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layout_directory.h"

#include <fstream>
#include <utility>

#include "os/crypto.h"

namespace cim::test {

using nlohmann::json;

std::string digest_of(const std::string& bytes) {
  return "sha256:" + to_hex(Sha256::of(as_bytes(bytes)));
}

LayoutDirectory::LayoutDirectory(std::filesystem::path path) : path_(std::move(path)) {
  std::filesystem::create_directories(path_ / "blobs/sha256");
  write_file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  write_index({});
}

std::filesystem::path LayoutDirectory::blob(const std::string& digest) const {
  return path_ / "blobs/sha256" / digest.substr(digest.find(':') + 1);
}

json LayoutDirectory::add_blob(const std::string& bytes, const std::string& media_type) const {
  const std::string digest = digest_of(bytes);
  std::ofstream(blob(digest), std::ios::binary) << bytes;
  return {{"mediaType", media_type}, {"digest", digest}, {"size", bytes.size()}};
}

json LayoutDirectory::add_json(const json& document, const std::string& media_type) const {
  return add_blob(document.dump(), media_type);
}

json LayoutDirectory::add_image(const std::vector<std::string>& tars, const std::string& os_version,
                                const std::string& os) const {
  json diff_ids = json::array();
  json layers = json::array();
  for (const std::string& tar : tars) {
    diff_ids.push_back(digest_of(tar));
    layers.push_back(add_blob(tar, kLayerType));
  }
  const json config = {{"architecture", "amd64"},
                       {"os", os},
                       {"os.version", os_version},
                       {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}};
  return add_json({{"schemaVersion", 2},
                   {"mediaType", kManifestType},
                   {"config", add_json(config, kConfigType)},
                   {"layers", layers}},
                  kManifestType);
}

json index_of(const std::vector<json>& manifests) {
  return {{"schemaVersion", 2}, {"mediaType", kIndexType}, {"manifests", manifests}};
}

void LayoutDirectory::write_index(const std::vector<json>& manifests) const {
  write_file("index.json", index_of(manifests).dump());
}

void LayoutDirectory::write_file(const std::string& name, const std::string& text) const {
  std::ofstream(path_ / name, std::ios::binary) << text;
}

json named(json descriptor, const std::string& reference) {
  descriptor["annotations"] = {{"org.opencontainers.image.ref.name", reference}};
  return descriptor;
}

json for_platform(json descriptor, const std::string& os, const std::string& os_version) {
  descriptor["platform"] = {{"os", os}, {"architecture", "amd64"}, {"os.version", os_version}};
  return descriptor;
}

}  // namespace cim::test
