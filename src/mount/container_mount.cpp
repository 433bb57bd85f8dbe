// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <filesystem>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/layer_mount.h"

#include "mount/active_mounts.h"
#include "mount/base/mount_table.h"
#include "mount/volume.h"
#include "os/host_path.h"

// A Volume locks its directory while it exists. The lock is held from the check that nothing is
// mounted until the mount is ready, and while a mount and its directories are removed, so that
// calls of several processes for one container follow each other. Only mount_path() takes no lock:
// it reads the mount table, and its result may be outdated at any time anyway.

namespace cim::layer {
namespace {

/// The image's file may have been removed since it was mounted.
bool is_image(const mount::Mount& mount, const std::filesystem::path& cim) {
  const auto absolute = absolute_path(cim);
  return mount.source == absolute || is_same_file(mount.source, absolute);
}

std::optional<mount::ImageMount> mount_of(const std::filesystem::path& cim,
                                          const std::filesystem::path& mount_point) {
  auto mount = mount::find_image_mount(mount_point);
  return mount && is_image(mount->image, cim) ? mount : std::nullopt;
}

[[noreturn]] void throw_exists(const mount::Mount& mount, std::string_view container_id) {
  const auto ours = mount::find_image_mount(mount.mount_point);
  throw Error(ErrorCode::kExists, mount.mount_point.string(),
              fmt::format("the volume of container {} already exists, with {}", container_id,
                          ours ? ours->image.source : "a mount of another kind"));
}

}  // namespace

Guid volume_id(std::string_view container_id) {
  return mount::volume_id(container_id);
}

std::filesystem::path mount(const std::filesystem::path& cim, std::string_view container_id,
                            const mount::Options& options, const mount::ReadySink& ready) {
  auto volume = mount::Volume::make(volume_id(container_id));
  if (const auto taken = mount::find_mount(volume.mount_point())) {
    throw_exists(*taken, container_id);
  }
  try {
    mount::mount_in_background(cim, volume.mount_point(), options, ready);
  } catch (...) {
    volume.remove_directories();
    throw;
  }
  return volume.mount_point();
}

std::optional<std::filesystem::path> mount_path(const std::filesystem::path& cim,
                                                std::string_view container_id) {
  const auto mount_point = mount::volume_mount_point(volume_id(container_id));
  const auto mount = mount_of(cim, mount_point);
  return mount ? std::optional(mount_point) : std::nullopt;
}

void unmount(const std::filesystem::path& cim, std::string_view container_id,
             mount::UnmountMode mode) {
  auto volume = mount::Volume::find(volume_id(container_id));
  const auto mount = volume ? mount_of(cim, volume->mount_point()) : std::nullopt;
  if (!mount) {
    throw Error(ErrorCode::kNotFound, cim.string(),
                fmt::format("not mounted for container {}", container_id));
  }
  mount::unmount_image(*mount, mode);
  volume->remove_directories();
}

bool cleanup_container_mounts(std::string_view container_id, mount::UnmountMode mode) {
  auto volume = mount::Volume::find(volume_id(container_id));
  if (!volume) {
    return false;
  }
  // There can be several mounts, since other programs may mount at the same path.
  while (const auto mount = mount::find_image_mount(volume->mount_point())) {
    mount::unmount_image(*mount, mode);
  }
  if (const auto other = mount::find_mount(volume->mount_point())) {
    throw Error(ErrorCode::kBusy, other->mount_point.string(),
                fmt::format("a mount of type {} is there", other->type));
  }
  volume->remove_directories();
  return true;
}

}  // namespace cim::layer
