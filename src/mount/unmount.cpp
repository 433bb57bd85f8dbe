// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "cimlib/error.h"
#include "cimlib/mount.h"

#include "base/system_error.h"
#include "mount/fuse/kernel_mount.h"
#include "mount/image_mounts.h"
#include "mount/server_state.h"
#include "mount/volume.h"

namespace cim::mount {
namespace {

std::optional<ImageMount> mount_at(const std::filesystem::path& path) {
  if (auto mount = find_image_mount(canonical_mount_point(path))) {
    return mount;
  }
  std::error_code error;
  const auto followed = std::filesystem::canonical(path, error);
  return error ? std::nullopt : find_image_mount(followed);
}

void unmount_once(const std::filesystem::path& mount_point, Unmounting mode) {
  switch (const int error = unmount_fuse(mount_point, mode)) {
    case 0:
      return;
    case EBUSY:
      throw Error(ErrorCode::kBusy, mount_point.string(),
                  "in use: a program has a file or its working directory there");
    case EPERM:
      throw Error(ErrorCode::kAccessDenied, mount_point.string(),
                  "cannot unmount: it belongs to another user");
    default:
      throw_system_error(error, mount_point.string(), "unmount");
  }
}

}  // namespace

void take_away(const ImageMount& mount, Unmounting mode) {
  // A dead server gives nobody anything any more, so that nobody is disturbed.
  if (mode == Unmounting::kIfIdle && server_states({mount}).front() == ServerState::kGone) {
    mode = Unmounting::kLazily;
  }
  unmount_once(mount.mount_point(), mode);
  if (mount.overlay) {
    // Nobody can have come to what lies below since it was covered.
    unmount_once(mount.mount_point(), Unmounting::kLazily);
  }
}

void unmount(const std::filesystem::path& mount_point, Unmounting mode) {
  const auto mount = mount_at(mount_point);
  if (!mount) {
    throw Error(ErrorCode::kNotFound, mount_point.string(), "no image is mounted there");
  }
  auto volume = volume_at(mount->mount_point()) ? Volume::find_by_mount_point(mount->mount_point())
                                                : std::nullopt;
  take_away(*mount, mode);
  if (volume) {
    volume->remove_directories();
  }
}

}  // namespace cim::mount
