// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "store/committed_documents.h"

#include <cstddef>

#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "os/crypto.h"

namespace cim::store {
namespace {

using Document = nlohmann::ordered_json;  // the order of members is kept

constexpr const char* kOciLayer = "application/vnd.oci.image.layer.v1.tar";
constexpr const char* kDockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
constexpr const char* kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

bool has_layer(const Document& entry) {
  const auto empty = entry.find("empty_layer");
  return empty == entry.end() || !empty->is_boolean() || !empty->get<bool>();
}

// Every layer has an entry of the history, if there is a history. Layers of the base that have none
// get an empty one, since readers count.
void add_to_history(Document& history, std::size_t layers_below, const AddedLayer& layer) {
  if (!history.is_array()) {
    history = Document::array();
  }
  std::size_t count = 0;
  for (const Document& entry : history) {
    count += has_layer(entry) ? 1U : 0U;
  }
  for (; count < layers_below; ++count) {
    history.push_back({{"comment", "not recorded"}});
  }
  Document entry = {{"created", layer.created}, {"created_by", "cim layer commit"}};
  if (!layer.author.empty()) {
    entry["author"] = layer.author;
  }
  if (!layer.message.empty()) {
    entry["comment"] = layer.message;
  }
  history.push_back(std::move(entry));
}

}  // namespace

std::string layer_type_on(const Details& base) {
  return base.manifest_type == kDockerManifest ? kDockerLayer : kOciLayer;
}

std::string configuration_with(const Details& base, const AddedLayer& layer) {
  Document document = Document::parse(base.configuration);
  document["created"] = layer.created;
  if (!layer.author.empty()) {
    document["author"] = layer.author;
  }
  Document& diff_ids = document.at("rootfs").at("diff_ids");
  add_to_history(document["history"], diff_ids.size(), layer);
  diff_ids.push_back(layer.diff_id.text());
  return document.dump();
}

std::string manifest_with(const Details& base, const AddedLayer& layer,
                          const std::string& configuration) {
  Document document = Document::parse(base.manifest);
  Document& config = document.at("config");
  config["digest"] = oci::Digest(Sha256::of(as_bytes(configuration))).text();
  config["size"] = configuration.size();
  config.erase("data");  // the configuration of the base
  config.erase("urls");
  document.at("layers").push_back({{"mediaType", layer_type_on(base)},
                                   {"digest", layer.diff_id.text()},
                                   {"size", layer.tar_size}});
  document.erase("subject");
  if (base.manifest_type != kDockerManifest) {
    document["annotations"]["org.opencontainers.image.base.digest"] = base.image.digest;
    document["annotations"].erase("org.opencontainers.image.base.name");
    if (!base.image.names.empty()) {
      document["annotations"]["org.opencontainers.image.base.name"] = base.image.names.front();
    }
  }
  return document.dump();
}

}  // namespace cim::store
