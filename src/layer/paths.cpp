// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <system_error>

#include "cimlib/host_path.h"
#include "cimlib/layer.h"

namespace cim::layer {
namespace {

// "/store/7/" names the same layer as "/store/7". Returns "/" unchanged.
std::filesystem::path without_trailing_separators(std::filesystem::path layer) {
  while (!layer.has_filename() && layer.has_relative_path()) {
    layer = layer.parent_path();
  }
  return layer;
}

}  // namespace

std::string cim_name(const std::filesystem::path& layer) {
  return without_trailing_separators(layer).filename().string() + ".cim";
}

std::filesystem::path cim_dir(const std::filesystem::path& layer) {
  return without_trailing_separators(layer).parent_path() / "cim-layers";
}

std::filesystem::path cim_path(const std::filesystem::path& layer) {
  return cim_dir(layer) / host_name(cim_name(layer));
}

// The system resolves everything above the layer, so only the last name needs attention.
std::filesystem::path resolve_layer(const std::filesystem::path& layer) {
  std::filesystem::path plain = without_trailing_separators(layer);
  const std::filesystem::path name = plain.filename();
  std::error_code error;
  if (name != "." && name != ".." && !std::filesystem::is_symlink(plain, error)) {
    return plain;
  }
  auto resolved = std::filesystem::canonical(plain, error);
  return error ? plain : resolved;
}

std::filesystem::path LayerPaths::image_path() const {
  return image.empty() ? cim_path(resolve_layer(layer)) : image;
}

LayerPaths LayerPaths::resolved() const {
  return {resolve_layer(layer), image_path()};
}

bool is_cim_layer(const std::filesystem::path& layer) noexcept {
  try {
    std::error_code error;
    return std::filesystem::exists(cim_path(layer), error);
  } catch (...) {  // out of memory
    return false;
  }
}

}  // namespace cim::layer
