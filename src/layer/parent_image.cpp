// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/parent_image.h"

#include <algorithm>

#include "cimlib/error.h"

#include "image/read/region_files.h"
#include "image/read/store_listing.h"

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
  for (const auto& entry : entries_of(directory)) {  // by name, so that the choice is deterministic
    if (entry.path().extension() != ".cim") {
      continue;
    }
    const auto sets = try_region_sets(entry.path());
    if (sets.size() + 1 == region_sets.size() &&
        std::equal(sets.begin(), sets.end(), region_sets.begin(), has_same_regions)) {
      return entry.path();
    }
  }
  return std::nullopt;
}

}  // namespace cim::layer
