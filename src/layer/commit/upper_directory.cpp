// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/commit/upper_directory.h"

#include <fmt/format.h>

#include "cimlib/error.h"

#include "mount/base/mount_table.h"
#include "os/host_path.h"

namespace cim::layer {
namespace {

// The top of a layer has no directories of these names.
std::filesystem::path upper_directory(const std::filesystem::path& given) {
  const auto is_directory = [](const std::filesystem::path& directory) {
    return std::filesystem::is_directory(link_status_of(directory));
  };
  return is_directory(given / "upper") && is_directory(given / "work") ? given / "upper" : given;
}

}  // namespace

std::filesystem::path unmounted_upper_directory(const std::filesystem::path& given) {
  std::filesystem::path upper = upper_directory(given);
  if (!std::filesystem::is_directory(status_of(upper))) {
    throw Error(ErrorCode::kNotFound, upper.string(), "is not a directory");
  }
  if (const auto mount_point = mount::overlay_storing_in(upper)) {
    throw Error(ErrorCode::kBusy, upper.string(),
                fmt::format("the mount at {} stores its changes there", mount_point->string()));
  }
  return upper;
}

}  // namespace cim::layer
