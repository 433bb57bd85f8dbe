// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/image_mounts.h"

#include <algorithm>
#include <utility>

#include "mount/overlay.h"
#include "mount/server_state.h"
#include "mount/volume.h"

namespace cim::mount {

std::vector<ImageMount> image_mounts(const std::vector<Mount>& table) {
  std::vector<ImageMount> mounts;
  for (const Mount& mount : table) {
    const auto below = std::ranges::find_if(mounts, [&](const ImageMount& candidate) {
      return candidate.is_on_top && candidate.mount_point() == mount.mount_point;
    });
    if (below != mounts.end()) {
      if (mount.type == kOverlayType && !below->overlay && mount.source == below->image.source) {
        below->overlay = mount;
        continue;
      }
      below->is_on_top = false;
    }
    if (auto image = image_of(mount)) {
      mounts.push_back({.image = mount});
      mounts.back().image.source = *std::move(image);
    }
  }
  return mounts;
}

std::optional<ImageMount> find_image_mount(const std::filesystem::path& mount_point) {
  for (ImageMount& mount : image_mounts(read_mount_table())) {
    if (mount.is_on_top && mount.mount_point() == mount_point) {
      return std::move(mount);
    }
  }
  return std::nullopt;
}

std::vector<ActiveMount> list() {
  const auto mounts = image_mounts(read_mount_table());
  const auto states = server_states(mounts);
  std::vector<ActiveMount> result;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const ImageMount& mount = mounts[i];
    result.push_back({.image = mount.image.source,
                      .mount_point = mount.mount_point(),
                      .backend = mount.backend(),
                      .volume = volume_at(mount.mount_point()),
                      .upper = mount.overlay ? upper_of_overlay(*mount.overlay) : std::nullopt,
                      .server = states[i]});
  }
  return result;
}

std::string_view to_string(Backend backend) noexcept {
  return backend == Backend::kErofs ? "erofs" : "fuse";
}

}  // namespace cim::mount
