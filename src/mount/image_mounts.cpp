// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/image_mounts.h"

#include <cstddef>
#include <string>
#include <utility>

#include "mount/overlay.h"
#include "mount/server_state.h"
#include "mount/volume.h"
#include "os/seeded_hash.h"

namespace cim::mount {

std::vector<ImageMount> image_mounts(const std::vector<Mount>& table) {
  std::vector<ImageMount> mounts;
  SeededMap<std::string, std::size_t> on_top;  // by mount point
  for (const Mount& mount : table) {
    const auto below = on_top.find(mount.mount_point.string());
    if (below != on_top.end()) {
      ImageMount& covered = mounts[below->second];
      if (mount.type == kOverlayType && !covered.overlay && mount.source == covered.image.source) {
        covered.overlay = mount;
        continue;
      }
      covered.is_on_top = false;
      on_top.erase(below);
    }
    if (auto image = image_of(mount)) {
      on_top[mount.mount_point.string()] = mounts.size();
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
