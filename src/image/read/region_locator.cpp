// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Tools that copy files between systems may change the case of names, and Windows ignores it. On
// file systems that ignore it too, nothing is ever listed.
#include "image/read/region_locator.h"

#include <utility>

#include "os/host_path.h"

namespace cim {
namespace {

bool is_present(const std::filesystem::path& path) {
  return std::filesystem::exists(link_status_of(path));
}

}  // namespace

RegionLocator::RegionLocator(const std::filesystem::path& directory,
                             const std::vector<std::filesystem::path>& others,
                             std::shared_ptr<DirectoryListings> listings)
    : directories_({directory}),
      listings_(listings == nullptr ? new_directory_listings() : std::move(listings)) {
  directories_.insert(directories_.end(), others.begin(), others.end());
}

std::filesystem::path RegionLocator::find(const std::string& name) const {
  for (const std::filesystem::path& directory : directories_) {
    if (auto path = directory / name; is_present(path)) {
      return path;
    }
    const auto& names = listings_->names_in(directory);
    if (const auto spelled = names.find(name); spelled != names.end()) {
      return directory / spelled->second;
    }
  }
  return directories_.front() / name;
}

std::vector<RegionLocator::Part> RegionLocator::parts_of(const Guid& region_set) const {
  std::vector<Part> parts;
  const auto& names = listings_->names_in(directories_.front());
  for (const std::string prefix : {"objectid_", "region_"}) {
    const std::string first = prefix + region_set.to_string() + '_';
    for (auto name = names.lower_bound(first);
         name != names.end() && name->first.starts_with(first); ++name) {
      if (const auto part = parse_part_name(name->first)) {
        parts.push_back({directories_.front() / name->second, *part});
      }
    }
  }
  return parts;
}

}  // namespace cim
