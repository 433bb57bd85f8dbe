// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/artifact/sidecar_list.h"

#include <algorithm>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "layer/layer_marker.h"
#include "layer/sidecar_paths.h"
#include "os/crypto.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim::oci {
namespace {

constexpr std::size_t kCopyPiece = std::size_t{1} << 20;
// A build number has five digits.
constexpr std::uint64_t kLongestBuild = 16;

std::optional<Stream> open_in(const Image& image, const std::string& path) {
  const auto file = image.find(ImagePath::parse(path));
  if (!file || image.info(*file).is_directory()) {
    return std::nullopt;
  }
  return image.open(*file);
}

// Returns the digest of a file in an image.
std::string copy(const Stream& stream, const std::function<void(std::uint64_t, ByteView)>& write) {
  Sha256 hash;
  Bytes piece(kCopyPiece);
  for (std::uint64_t at = 0; at < stream.size();) {
    const std::size_t got = stream.read(at, piece);
    hash.update(ByteView(piece).first(got));
    if (write) {
      write(at, ByteView(piece).first(got));
    }
    at += got;
  }
  return to_hex(hash.finish());
}

// Returns the hive that a merged hive of a base layer is a hard link to; empty for other files.
std::string linked_hive(const SidecarList& list, const std::string& path) {
  for (const layer::LayerHive& hive : layer::kLayerHives) {
    const auto config = list.files.find(hive.config());
    if (path == hive.base() && config != list.files.end() &&
        config->second == list.files.at(path)) {
      return hive.config();
    }
  }
  return {};
}

}  // namespace

bool is_listed_sidecar(std::string_view path) {
  const auto& all = layer::all_sidecar_paths();
  return path != layer::kOciRecordFile && path != layer::kUtilityVmBuildFile &&
         std::ranges::find(all, path) != all.end();
}

SidecarList list_sidecars(const layer::LayerPaths& layer) {
  SidecarList list;
  if (const auto marker = layer::read_marker(layer)) {
    list.made_hives = marker->made_hives;
  }
  const Image image(layer.image_path());
  for (const std::string& path : layer::all_sidecar_paths()) {
    const std::filesystem::path file = layer.layer / path;
    if (!is_listed_sidecar(path) || !layer::is_plain_path(layer.layer, path) ||
        !std::filesystem::is_regular_file(link_status_of(file))) {
      continue;
    }
    std::string digest = layer::digest_of_file(file);
    const auto stream = open_in(image, path);
    if (!stream || copy(*stream, {}) != digest) {
      throw Error(ErrorCode::kUnsupported, file.string(),
                  "the layer's image does not have this file with the same bytes, so the layer "
                  "cannot be sent as an image");
    }
    list.files.emplace(path, std::move(digest));
  }
  const std::filesystem::path build = layer.layer / layer::kUtilityVmBuildFile;
  if (std::filesystem::is_regular_file(link_status_of(build))) {
    list.build = as_text(read_whole_file(build, kLongestBuild));
  }
  return list;
}

void restore_sidecars(const SidecarList& list, const Image& image, layer::SidecarStaging& staging) {
  for (const auto& [path, digest] : list.files) {
    if (!linked_hive(list, path).empty()) {
      continue;
    }
    const auto stream = open_in(image, path);
    if (!stream) {
      throw Error(ErrorCode::kCorrupt, staging.name_of(path),
                  "the image does not have this file of the layer");
    }
    File& file = staging.add(path);
    const std::string found =
        copy(*stream, [&file](std::uint64_t at, ByteView bytes) { file.write_at(at, bytes); });
    if (found != digest) {
      throw Error(ErrorCode::kCorrupt, staging.name_of(path),
                  fmt::format("has the SHA-256 {} in the image, expected {}", found, digest));
    }
  }
  for (const auto& [path, digest] : list.files) {
    if (const std::string hive = linked_hive(list, path); !hive.empty()) {
      staging.add_link(path, hive);
    }
  }
  if (!list.build.empty()) {
    staging.add(layer::kUtilityVmBuildFile, as_bytes(list.build));
  }
  if (list.made_hives) {
    staging.note_made_hives();
  }
}

}  // namespace cim::oci
