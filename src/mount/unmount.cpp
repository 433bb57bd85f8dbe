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
#include "mount/mount_table.h"

namespace cim::mount {
namespace {

std::optional<Mount> mount_at(const std::filesystem::path& path) {
  if (auto mount = find_mount(canonical_mount_point(path))) {
    return mount;
  }
  std::error_code error;
  const auto followed = std::filesystem::canonical(path, error);
  return error ? std::nullopt : find_mount(followed);
}

}  // namespace

void unmount(const std::filesystem::path& mount_point, Unmounting mode) {
  const auto mount = mount_at(mount_point);
  if (!mount || mount->type != kFuseType) {
    throw Error(ErrorCode::kNotFound, mount_point.string(), "no image is mounted there");
  }
  switch (const int error = unmount_fuse(mount->mount_point, mode)) {
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

}  // namespace cim::mount
