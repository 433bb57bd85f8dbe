// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/existing_layers.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image.h"
#include "cimlib/layer.h"

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

bool has_image(const path& layer) {
  return std::filesystem::exists(status_of(cim_path(layer)));
}

// The order matters, because hives are merged into those of the nearest parent that has them.
void check_parents(const path& layer, const std::vector<path>& parents) {
  for (const path& parent : parents) {
    if (!has_image(parent)) {
      throw Error(ErrorCode::kNotFound, parent.string(),
                  fmt::format("not a layer, so it cannot be a parent: {} does not exist",
                              cim_path(parent).string()));
    }
    std::error_code unknown;
    if (!std::filesystem::equivalent(cim_dir(parent), cim_dir(layer), unknown)) {
      throw Error(ErrorCode::kInvalidArgument, parent.string(),
                  "a parent must be in the same store as the layer");
    }
  }
  for (std::size_t i = 1; i < parents.size(); ++i) {
    if (is_same_file(cim_path(parents[i]), cim_path(parents[i - 1]))) {
      throw Error(ErrorCode::kInvalidArgument, parents[i].string(), "this parent is listed twice");
    }
    if (!is_ancestor(cim_path(parents[i]), cim_path(parents[i - 1]))) {
      throw Error(ErrorCode::kInvalidArgument, parents[i].string(),
                  fmt::format("{} is not based on it; list parents from the immediate one down",
                              parents[i - 1].string()));
    }
  }
}

}  // namespace cim::layer
