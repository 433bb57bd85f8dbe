// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The mounts of images among all that the kernel has.

#include <filesystem>
#include <optional>
#include <vector>

#include "cimlib/mount.h"

#include "mount/mount_table.h"

namespace cim::mount {

/// What one image takes: the mount that serves it and, of one that is writable, the overlay over
/// it, which has the same place and the image as its source too.
struct ImageMount {
  Mount image;  ///< with the image alone as its source, whatever serves it
  std::optional<Mount> overlay{};
  bool is_on_top = true;  ///< nothing else is mounted over it

  Backend backend() const noexcept {
    return image.type == kErofsType ? Backend::kErofs : Backend::kFuse;
  }
  const std::filesystem::path& mount_point() const noexcept { return image.mount_point; }
};

/// Those of a mount table, in its order.
std::vector<ImageMount> image_mounts(const std::vector<Mount>& table);

/// The one that shows at that place, which is as the mount table has it, or nothing.
std::optional<ImageMount> find_image_mount(const std::filesystem::path& mount_point);

/// Takes its mounts away, even if in use where its server has gone. Throws as unmount() does.
void take_away(const ImageMount& mount, UnmountMode mode);

}  // namespace cim::mount
