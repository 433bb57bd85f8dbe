// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/standard_files.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/upcase.h"

namespace cim::layer {
namespace {

struct StandardFile {
  ImagePath path;
  std::string loose_path;
};

std::vector<StandardFile> files_of_tars() {
  std::vector<std::string> paths;
  for (const LayerHive& hive : kLayerHives) {
    paths.push_back(hive.config());
    paths.push_back(hive.delta());
  }
  for (const std::string_view path :
       {kUtilityVmSystem, kUtilityVmSoftware, kUtilityVmBootStore, kUtilityVmBootManager}) {
    paths.emplace_back(path);
  }
  std::vector<StandardFile> files;
  files.reserve(paths.size());
  for (std::string& path : paths) {
    files.push_back({ImagePath::parse(path), std::move(path)});
  }
  return files;
}

const std::vector<StandardFile>& standard_files() {
  static const std::vector<StandardFile> files = files_of_tars();
  return files;
}

// From the last name, which alone tells most paths apart.
bool is_same_path(const ImagePath& a, const ImagePath& b) {
  return a.names().size() == b.names().size() &&
         std::equal(a.names().rbegin(), a.names().rend(), b.names().rbegin(),
                    [](const std::u16string& x, const std::u16string& y) {
                      return x.size() == y.size() && compare_ignoring_case(x, y) == 0;
                    });
}

}  // namespace

std::string LayerHive::config() const {
  return fmt::format("Files/Windows/System32/config/{}", name);
}
std::string LayerHive::base() const {
  return fmt::format("{}/{}_BASE", kHivesDirectory, loose_name);
}
std::string LayerHive::delta() const {
  return fmt::format("{}/{}_DELTA", kHivesDirectory, loose_name);
}

std::optional<std::string_view> loose_path_of(const ImagePath& path) {
  const auto& files = standard_files();
  const auto found = std::ranges::find_if(
      files, [&path](const StandardFile& file) { return is_same_path(file.path, path); });
  return found == files.end() ? std::nullopt : std::optional<std::string_view>(found->loose_path);
}

const std::vector<std::string>& all_loose_paths() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> paths = {std::string(kLayoutFile), std::string(kUtilityVmBuildFile),
                                      std::string(kOciRecordFile)};
    for (const StandardFile& file : standard_files()) {
      paths.push_back(file.loose_path);
    }
    for (const LayerHive& hive : kLayerHives) {
      paths.push_back(hive.base());
    }
    return paths;
  }();
  return all;
}

}  // namespace cim::layer
