// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/base/mount_point.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>

#include "cimlib/error.h"

#include "mount/base/fusermount.h"
#include "mount/base/mount_syscalls.h"
#include "mount/base/mount_table.h"
#include "os/system_error.h"

namespace cim::mount {
namespace {

std::string device_at(const std::filesystem::path& mount_point) {
  const auto mount = find_mount(mount_point);
  return mount ? mount->device : std::string();
}

}  // namespace

MountPoint open_mount_point(const std::filesystem::path& path) {
  struct statvfs statistics {};
  // The kernel may cache the attributes of a dead server's files, but always asks it for this.
  if (::statvfs(path.c_str(), &statistics) != 0 && errno == ENOTCONN) {
    throw Error(ErrorCode::kBusy, path.string(),
                "it is the mount point of a dead server; unmount it first");
  }
  // O_PATH needs no permission to read the directory, and does not access a file system below it.
  Descriptor directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory && errno == ENOTDIR) {
    throw Error(ErrorCode::kInvalidArgument, path.string(), "cannot mount there: not a directory");
  }
  if (!directory) {
    throw_system_error(errno, path.string(), "mount there");
  }
  // The mount will be made at the descriptor, and is looked for under this name afterwards: both
  // are the same directory, whatever the path that was given refers to by then.
  std::error_code error;
  auto name = std::filesystem::read_symlink(path_of_descriptor(directory.get()), error);
  if (error) {
    throw_system_error(error.value(), path.string(), "find its name");
  }
  return {std::move(directory), std::move(name)};
}

std::string path_of_descriptor(int descriptor) {
  return fmt::format("/proc/self/fd/{}", descriptor);
}

int unmount_topmost(const std::filesystem::path& mount_point, UnmountMode mode) {
  const int error = unmount_filesystem(mount_point, mode);
  if (error != EPERM) {
    return error;
  }
  std::vector<std::string> arguments = {"-u", "--", mount_point.string()};
  if (mode == UnmountMode::kLazily) {
    arguments.insert(arguments.begin() + 1, "-z");
  }
  // The program unmounts only what its caller has mounted, and gives the reason in words only.
  const std::string complaint = fusermount_error(arguments);
  if (complaint.empty()) {
    return 0;
  }
  return complaint.find("busy") != std::string::npos ? EBUSY : EPERM;
}

MountGuard::MountGuard(std::filesystem::path mount_point)
    : mount_point_(std::move(mount_point)), device_(device_at(mount_point_)) {}

// Every mount made here has a file system of its own, so the device number distinguishes it from
// others at the same place. Between the comparison and the call another process may still mount
// something there.
void MountGuard::unmount() noexcept {
  try {
    if (!device_.empty() && device_at(mount_point_) == device_) {
      unmount_topmost(mount_point_, UnmountMode::kLazily);
    }
  } catch (const std::exception&) {
    // There is no caller to report to; `cim umount` removes what remains.
  }
  dismiss();
}

bool MountGuard::is_mounted() const {
  return std::ranges::any_of(read_mount_table(), [this](const Mount& mount) {
    return mount.mount_point == mount_point_ && mount.device == device_;
  });
}

}  // namespace cim::mount
