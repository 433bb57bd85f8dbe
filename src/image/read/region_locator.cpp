// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Tools that copy files between systems may change the case of names, and Windows ignores it. On
// file systems that ignore it too, nothing is ever listed.
#include "image/read/region_locator.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/upcase.h"
#include "os/host_path.h"

namespace cim {
namespace {

bool is_present(const std::filesystem::path& path) {
  return std::filesystem::exists(link_status_of(path));
}

}  // namespace

RegionLocator::RegionLocator(std::filesystem::path directory,
                             const std::vector<std::filesystem::path>& others) {
  directories_.push_back({std::move(directory), std::nullopt});
  for (const std::filesystem::path& other : others) {
    directories_.push_back({other, std::nullopt});
  }
}

std::filesystem::path RegionLocator::find(const std::string& name) {
  for (Directory& directory : directories_) {
    if (auto path = directory.path / name; is_present(path)) {
      return path;
    }
    if (!directory.names) {
      list(directory);
    }
    if (const auto spelled = directory.names->find(name); spelled != directory.names->end()) {
      return directory.path / spelled->second;
    }
  }
  return directories_.front().path / name;
}

// A directory that cannot be listed may still have files that can be opened by their exact names.
void RegionLocator::list(Directory& directory) {
  auto& names = directory.names.emplace();
  std::error_code error;
  for (std::filesystem::directory_iterator next(directory.path, error), end; !error && next != end;
       next.increment(error)) {
    std::string name = next->path().filename().string();
    std::string lower = to_ascii_lower(name);
    if (lower.starts_with("region_") || lower.starts_with("objectid_")) {
      const auto [known, is_new] = names.try_emplace(std::move(lower), name);
      known->second = std::min(known->second, name);
    }
  }
}

}  // namespace cim
