// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The image mounts in the kernel's mount table.

#include <filesystem>
#include <optional>
#include <vector>

#include "cimlib/mount.h"

#include "mount/mount_table.h"

namespace cim::mount {

/// The mounts of one image: the mount that serves it and, if it is writable, the overlay on top,
/// which has the same mount point and also has the image as its source.
struct ImageMount {
  Mount image;  ///< its source is the image's path alone, for either backend
  std::optional<Mount> overlay{};
  bool is_on_top = true;  ///< nothing else is mounted on top of it

  Backend backend() const noexcept {
    return image.type == kErofsType ? Backend::kErofs : Backend::kFuse;
  }
  const std::filesystem::path& mount_point() const noexcept { return image.mount_point; }
};

/// Returns the image mounts in a mount table, in its order.
std::vector<ImageMount> image_mounts(const std::vector<Mount>& table);

/// Returns the topmost mount at `mount_point` if it is an image mount, else nullopt. The path must
/// be spelled as in the mount table.
std::optional<ImageMount> find_image_mount(const std::filesystem::path& mount_point);

/// Unmounts the image and its overlay, even if in use when its server has died. Throws as unmount()
/// does.
void take_away(const ImageMount& mount, UnmountMode mode);

}  // namespace cim::mount
