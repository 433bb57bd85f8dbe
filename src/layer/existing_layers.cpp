// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/existing_layers.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "image/read/region_files.h"
#include "os/host_path.h"

namespace cim::layer {
namespace {

using std::filesystem::path;

// An image lists the region sets of all its ancestors, the own set of each among them.
bool is_ancestor(const path& image, const path& of) {
  const Guid wanted = read_filesystem_header(image).own.guid;
  const auto sets = region_sets_of(read_filesystem_header(of));
  return std::ranges::find(sets, wanted, &RegionSet::guid) != sets.end();
}

}  // namespace

bool has_image(const LayerPaths& layer) {
  return std::filesystem::exists(status_of(layer.image_path()));
}

// The order matters, because hives are merged into those of the nearest parent that has them.
void check_parents(const LayerPaths& layer, const std::vector<LayerPaths>& parents) {
  const path directory = directory_of(layer.image_path());
  for (const LayerPaths& parent : parents) {
    const path image = parent.image_path();
    if (!has_image(parent)) {
      throw Error(
          ErrorCode::kNotFound, parent.layer.string(),
          fmt::format("not a layer, so it cannot be a parent: {} does not exist", image.string()));
    }
    std::error_code unknown;
    if (!std::filesystem::equivalent(directory_of(image), directory, unknown)) {
      throw Error(ErrorCode::kInvalidArgument, parent.layer.string(),
                  fmt::format("its image {} must be in the directory of the new image, {}, where "
                              "the files are searched for that both use",
                              image.string(), directory.string()));
    }
  }
  for (std::size_t i = 1; i < parents.size(); ++i) {
    const path above = parents[i - 1].image_path();
    const path image = parents[i].image_path();
    if (is_same_file(image, above)) {
      throw Error(ErrorCode::kInvalidArgument, parents[i].layer.string(),
                  "this parent is listed twice");
    }
    if (!is_ancestor(image, above)) {
      throw Error(ErrorCode::kInvalidArgument, parents[i].layer.string(),
                  fmt::format("{} is not based on it; list parents from the immediate one down",
                              parents[i - 1].layer.string()));
    }
  }
}

}  // namespace cim::layer
