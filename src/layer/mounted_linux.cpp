// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "layer/mounted.h"
#include "mount/image_mounts.h"
#include "mount/mount_table.h"
#include "os/file.h"

namespace cim::layer {

std::optional<std::filesystem::path> mount_point_of(const std::filesystem::path& image) {
  const auto mounts = mount::image_mounts(mount::read_mount_table());
  const auto found = std::ranges::find_if(mounts, [&image](const mount::ImageMount& mount) {
    return is_same_file(mount.image.source, image);
  });
  return found == mounts.end() ? std::nullopt : std::optional(found->mount_point());
}

}  // namespace cim::layer
