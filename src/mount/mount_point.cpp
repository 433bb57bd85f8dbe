// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/mount_point.h"

#include <cerrno>

#include <sys/stat.h>
#include <sys/statvfs.h>

#include "cimlib/error.h"

#include "base/system_error.h"

namespace cim::mount {

std::filesystem::path checked_mount_point(const std::filesystem::path& path) {
  struct statvfs statistics {};
  // The kernel may remember what a dead server said of its files, but asks for this each time.
  if (::statvfs(path.c_str(), &statistics) != 0 && errno == ENOTCONN) {
    throw Error(ErrorCode::kBusy, path.string(),
                "a mount whose server has gone is there; unmount it first");
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    throw_system_error(errno, path.string(), "mount there");
  }
  if (!S_ISDIR(status.st_mode)) {
    throw Error(ErrorCode::kInvalidArgument, path.string(), "cannot mount there: no directory");
  }
  return std::filesystem::canonical(path);
}

}  // namespace cim::mount
