// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/mount_point.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>

#include "cimlib/error.h"

#include "os/system_error.h"

namespace cim::mount {

MountPoint open_mount_point(const std::filesystem::path& path) {
  struct statvfs statistics {};
  // The kernel may cache the attributes of a dead server's files, but always asks it for this.
  if (::statvfs(path.c_str(), &statistics) != 0 && errno == ENOTCONN) {
    throw Error(ErrorCode::kBusy, path.string(),
                "a mount whose server has gone is there; unmount it first");
  }
  Descriptor directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory && errno == ENOTDIR) {
    throw Error(ErrorCode::kInvalidArgument, path.string(), "cannot mount there: no directory");
  }
  if (!directory) {
    throw_system_error(errno, path.string(), "mount there");
  }
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

}  // namespace cim::mount
