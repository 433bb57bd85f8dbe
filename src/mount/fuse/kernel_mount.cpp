// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/kernel_mount.h"

#include <cerrno>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "mount/base/fusermount.h"
#include "mount/base/mount_syscalls.h"
#include "mount/base/mount_table.h"
#include "os/system_error.h"

namespace cim::mount::fuse {
namespace {

constexpr const char* kDevice = "/dev/fuse";

std::string access_option(const Options& options) {
  return options.access == Access::kEveryone ? ",allow_other" : "";
}

/// Commas separate the options of fusermount3; a backslash escapes them.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == ',' || c == '\\') {
      result += '\\';
    }
    result += c;
  }
  return result;
}

/// Mounts directly; returns an empty descriptor if only fusermount3 may mount, as for root in a
/// container without the capability. The kernel checks permissions by the modes of the files
/// (default_permissions), so that the server need not know about users.
Descriptor mount_directly(const std::string& source, const MountPoint& place,
                          const Options& options) {
  Descriptor connection(::open(kDevice, O_RDWR | O_CLOEXEC));
  if (!connection) {
    if (errno == ENOENT || errno == ENXIO || errno == ENODEV) {
      throw Error(ErrorCode::kUnsupported, kDevice, "this system does not have FUSE");
    }
    return {};
  }
  const std::string data =
      fmt::format("fd={},rootmode=40000,user_id={},group_id={},default_permissions{}",
                  connection.get(), ::getuid(), ::getgid(), access_option(options));
  const int error = mount_filesystem(kFuseType, source, path_of_descriptor(place.directory.get()),
                                     data, {.allows_execution = options.allow_execution});
  if (error == 0) {
    return connection;
  }
  if (error != EPERM) {
    throw_system_error(error, place.path.string(), "mount there");
  }
  return {};
}

Descriptor mount_with_fusermount(const std::string& source,
                                 const std::filesystem::path& mount_point, const Options& options) {
  const std::string words = fmt::format(
      "ro,nosuid,nodev,default_permissions{}{},subtype=cim,fsname={}", access_option(options),
      options.allow_execution ? "" : ",noexec", escaped(source));
  return fusermount_mount(words, mount_point.string());
}

Descriptor connection_to_mount(const std::string& source, const MountPoint& place,
                               const Options& options) {
  if (::geteuid() == 0) {
    if (auto connection = mount_directly(source, place, options)) {
      return connection;
    }
  }
  return mount_with_fusermount(source, place.path, options);
}

}  // namespace

KernelMount mount_in_kernel(const std::string& source, const std::filesystem::path& mount_point,
                            const Options& options) {
  const MountPoint place = open_mount_point(mount_point);
  Descriptor connection = connection_to_mount(source, place, options);
  return {.guard = MountGuard(place.path), .connection = std::move(connection)};
}

bool is_connected(int connection) noexcept {
  pollfd state = {.fd = connection, .events = 0, .revents = 0};
  return ::poll(&state, 1, 0) < 0 || (state.revents & (POLLERR | POLLNVAL)) == 0;
}

}  // namespace cim::mount::fuse
