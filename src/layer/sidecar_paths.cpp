// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/sidecar_paths.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/upcase.h"

namespace cim::layer {
namespace {

struct SidecarFile {
  ImagePath path;
  std::string sidecar_path;
};

std::vector<SidecarFile> files_of_tars() {
  std::vector<std::string> paths;
  for (const LayerHive& hive : kLayerHives) {
    paths.push_back(hive.config());
    paths.push_back(hive.delta());
  }
  for (const std::string_view path :
       {kUtilityVmSystem, kUtilityVmSoftware, kUtilityVmBootStore, kUtilityVmBootManager}) {
    paths.emplace_back(path);
  }
  std::vector<SidecarFile> files;
  files.reserve(paths.size());
  for (std::string& path : paths) {
    files.push_back({ImagePath::parse(path), std::move(path)});
  }
  return files;
}

const std::vector<SidecarFile>& sidecar_files() {
  static const std::vector<SidecarFile> files = files_of_tars();
  return files;
}

// Most Windows programs ignore dots and spaces at the end of a name.
std::u16string_view as_windows_reads(std::u16string_view name) {
  const std::size_t last = name.find_last_not_of(u". ");
  return name.substr(0, last == name.npos ? 0 : last + 1);
}

bool is_merged_hive(std::u16string_view name) {
  constexpr std::u16string_view kEnd = u"_BASE";
  const std::u16string_view read = as_windows_reads(name);
  return read.size() >= kEnd.size() &&
         equal_ignoring_case(read.substr(read.size() - kEnd.size()), kEnd);
}

}  // namespace

std::string LayerHive::config() const {
  return fmt::format("Files/Windows/System32/config/{}", name);
}
std::string LayerHive::base() const {
  return fmt::format("{}/{}_BASE", kHivesDirectory, sidecar_name);
}
std::string LayerHive::delta() const {
  return fmt::format("{}/{}_DELTA", kHivesDirectory, sidecar_name);
}

std::optional<std::string_view> sidecar_path_of(const ImagePath& path) {
  const auto& files = sidecar_files();
  const auto found = std::ranges::find_if(
      files, [&path](const SidecarFile& file) { return file.path.equals_ignoring_case(path); });
  return found == files.end() ? std::nullopt : std::optional<std::string_view>(found->sidecar_path);
}

// Later layers trust these files without looking at where they came from, so a tar must not be able
// to smuggle them in under a spelling that Windows programs read as the same name.
void check_reserved_path(const ImagePath& path, bool is_plain_directory) {
  const auto& names = path.names();
  if (names.empty() || names.size() > 2) {
    return;
  }
  const bool is_root = names.size() == 1;
  const bool is_made = is_root
                           ? equal_ignoring_case(as_windows_reads(names[0]), u"layout")
                           : equal_ignoring_case(names[0], u"Hives") && is_merged_hive(names[1]);
  if (is_made) {
    throw Error(ErrorCode::kInvalidArgument, path.to_string(),
                "is created by the import and cannot be part of the tar");
  }
  const bool holds_a_layer =
      is_root
          ? equal_ignoring_case(names[0], u"Files") || equal_ignoring_case(names[0], u"Hives") ||
                equal_ignoring_case(names[0], u"UtilityVM")
          : equal_ignoring_case(names[0], u"UtilityVM") && equal_ignoring_case(names[1], u"Files");
  if (holds_a_layer && !is_plain_directory) {
    throw Error(ErrorCode::kInvalidArgument, path.to_string(),
                "must be a directory and not a link");
  }
}

const std::vector<std::string>& all_sidecar_paths() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> paths = {std::string(kLayoutFile), std::string(kUtilityVmBuildFile),
                                      std::string(kOciRecordFile)};
    for (const SidecarFile& file : sidecar_files()) {
      paths.push_back(file.sidecar_path);
    }
    for (const LayerHive& hive : kLayerHives) {
      paths.push_back(hive.base());
    }
    return paths;
  }();
  return all;
}

}  // namespace cim::layer
