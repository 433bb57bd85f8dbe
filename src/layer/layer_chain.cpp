// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/layer_chain.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/host_path.h"

#include "base/strict_json.h"
#include "layer/chain_document.h"
#include "layer/layer_marker.h"
#include "layer/sidecar_paths.h"
#include "layer/sidecar_staging.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim::layer {
namespace {

using std::filesystem::path;

// Far more than the 127 layers that an image may have.
constexpr std::uint64_t kLargestChain = std::uint64_t{1} << 20;

std::string utf8_of(const path& path) {
  const std::u8string text = path.u8string();
  return {text.begin(), text.end()};
}

path parse_path(const nlohmann::json& element, std::size_t place, const std::string& subject) {
  const auto fail = [&](std::string_view reason) {
    throw Error(ErrorCode::kCorrupt, subject,
                fmt::format("element {} of the array {}", place, reason));
  };
  if (!element.is_string()) {
    fail("is not a string");
  }
  const auto& text = element.get_ref<const std::string&>();
  if (text.find('\0') != text.npos) {
    fail("has a NUL in it");
  }
  path result = host_path(text);
  if (!result.is_absolute()) {
    fail("is not an absolute path");
  }
  return result;
}

}  // namespace

std::vector<path> parse_layer_chain(ByteView text, const std::string& subject) {
  const nlohmann::json document = parse_json(text, subject);
  if (document.is_null()) {  // an empty list, as Go writes it
    return {};
  }
  if (!document.is_array()) {
    throw Error(ErrorCode::kCorrupt, subject, "is not an array of paths");
  }
  std::vector<path> paths;
  std::set<path::string_type> known;
  for (const nlohmann::json& element : document) {
    paths.push_back(parse_path(element, paths.size(), subject));
    if (!known.insert(paths.back().native()).second) {
      throw Error(ErrorCode::kCorrupt, subject,
                  fmt::format("element {} of the array repeats an earlier one", paths.size() - 1));
    }
  }
  return paths;
}

std::string format_layer_chain(const std::vector<path>& paths) {
  nlohmann::json document = nlohmann::json::array();
  std::set<path::string_type> known;
  for (const path& parent : paths) {
    if (!known.insert(parent.native()).second) {
      throw Error(ErrorCode::kInvalidArgument, parent.string(), "this parent is listed twice");
    }
    document.push_back(utf8_of(parent));
    try {
      static_cast<void>(document.back().dump());
    } catch (const nlohmann::json::type_error&) {
      throw Error(ErrorCode::kInvalidArgument, parent.string(),
                  "is not UTF-8, so layerchain.json cannot contain it");
    }
  }
  return document.dump();
}

std::optional<std::vector<path>> read_layer_chain(const path& directory) {
  const path file = directory / kLayerChainFile;
  if (!std::filesystem::exists(status_of(file))) {
    return std::nullopt;
  }
  return parse_layer_chain(read_whole_file(file, kLargestChain), file.string());
}

void write_layer_chain(const LayerPaths& given, const std::vector<path>& parents,
                       const LockTimeout& lock_timeout) {
  const LayerPaths layer = given.resolved();
  std::vector<path> absolute;
  for (const path& parent : parents) {
    if (parent.empty()) {
      throw Error(ErrorCode::kInvalidArgument, layer.layer.string(), "a parent has an empty path");
    }
    absolute.push_back(absolute_path(parent));
  }
  const std::string text = format_layer_chain(absolute);
  if (read_marker(layer)) {
    return add_to_layer(layer, kLayerChainFile, as_bytes(text), lock_timeout);
  }
  AtomicFile file(layer.layer / kLayerChainFile);
  file.file().write_at(0, as_bytes(text));
  file.publish(Publish::kReplace);
}

}  // namespace cim::layer
