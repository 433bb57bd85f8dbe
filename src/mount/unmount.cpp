// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>

#include "cimlib/error.h"
#include "cimlib/mount.h"

#include "mount/fuse/kernel_mount.h"
#include "mount/image_mounts.h"
#include "mount/server_state.h"
#include "mount/volume.h"
#include "os/system_error.h"

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

/// Like unmount_fuse(), but waits a moment for brief users, such as list() in another process.
int unmount_when_idle(const std::filesystem::path& mount_point) {
  constexpr std::chrono::seconds kIdlePatience{1};
  constexpr std::chrono::milliseconds kIdlePause{20};
  const auto deadline = std::chrono::steady_clock::now() + kIdlePatience;
  int error = unmount_fuse(mount_point, UnmountMode::kIfIdle);
  while (error == EBUSY && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kIdlePause);
    error = unmount_fuse(mount_point, UnmountMode::kIfIdle);
  }
  return error;
}

int unmount_somehow(const ImageMount& mount, UnmountMode mode) {
  int error = mode == UnmountMode::kLazily ? unmount_fuse(mount.mount_point(), mode)
                                           : unmount_when_idle(mount.mount_point());
  // A dead server no longer serves any program, so a lazy unmount disturbs none. The state is
  // queried only now, because a query that is not answered keeps the mount busy itself.
  if (error == EBUSY && server_states({mount}).front() == ServerState::kDead) {
    error = unmount_fuse(mount.mount_point(), UnmountMode::kLazily);
  }
  return error;
}

void throw_on(int error, const std::filesystem::path& mount_point) {
  switch (error) {
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

void take_away(const ImageMount& mount, UnmountMode mode) {
  throw_on(unmount_somehow(mount, mode), mount.mount_point());
  if (mount.overlay) {
    // The overlay has hidden the image since it was mounted, so no program can have opened it
    // since.
    throw_on(unmount_fuse(mount.mount_point(), UnmountMode::kLazily), mount.mount_point());
  }
}

void unmount(const std::filesystem::path& mount_point, UnmountMode mode) {
  const auto mount = mount_at(mount_point);
  if (!mount) {
    throw Error(ErrorCode::kNotFound, mount_point.string(), "no image is mounted there");
  }
  auto volume = Volume::find_by_mount_point(mount->mount_point());
  take_away(*mount, mode);
  if (volume) {
    volume->remove_directories();
  }
}

}  // namespace cim::mount
