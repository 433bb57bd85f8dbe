// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <system_error>

#include "layer/mounted.h"
#include "mount/mount_table.h"

namespace cim::layer {

std::optional<std::filesystem::path> mount_point_of(const std::filesystem::path& image) {
  const auto mounts = mount::read_mount_table();
  const auto found = std::ranges::find_if(mounts, [&image](const mount::Mount& mount) {
    std::error_code gone;
    return mount.type == mount::kFuseType && std::filesystem::equivalent(mount.source, image, gone);
  });
  return found == mounts.end() ? std::nullopt : std::optional(found->mount_point);
}

}  // namespace cim::layer
