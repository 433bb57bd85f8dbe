// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/parent_image.h"

#include <algorithm>
#include <system_error>

#include "cimlib/error.h"

#include "image/read/region_files.h"

namespace cim::layer {
namespace {

// An image that cannot be read cannot serve as the parent of a comparison.
std::vector<RegionSet> try_region_sets(const std::filesystem::path& image) {
  try {
    return region_sets_of(read_filesystem_header(image));
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::optional<std::filesystem::path> find_parent_image(const std::filesystem::path& directory,
                                                       const std::vector<RegionSet>& region_sets) {
  const auto has_same_regions = [](const RegionSet& a, const RegionSet& b) {
    return a.guid == b.guid && a.region_count == b.region_count;
  };
  std::optional<std::filesystem::path> found;
  std::error_code error;
  for (std::filesystem::directory_iterator next(directory, error), end; !error && next != end;
       next.increment(error)) {
    const std::filesystem::path& path = next->path();
    if (path.extension() != ".cim" || (found && *found < path)) {
      continue;  // the first by name is taken, so that the choice is deterministic
    }
    const auto sets = try_region_sets(path);
    if (sets.size() + 1 == region_sets.size() &&
        std::equal(sets.begin(), sets.end(), region_sets.begin(), has_same_regions)) {
      found = path;
    }
  }
  return found;
}

}  // namespace cim::layer
