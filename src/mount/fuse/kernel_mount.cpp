// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/kernel_mount.h"

#include <cerrno>
#include <exception>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mount.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "mount/fuse/fusermount.h"
#include "mount/mount_point.h"
#include "mount/mount_table.h"
#include "os/system_error.h"

namespace cim::mount {
namespace {

constexpr const char* kDevice = "/dev/fuse";

std::string audience_option(const Options& options) {
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

/// Mounts directly; returns an empty descriptor if only fusermount3 may mount.
Descriptor mount_directly(const std::string& source, const MountPoint& place,
                          const Options& options) {
  Descriptor connection(::open(kDevice, O_RDWR | O_CLOEXEC));
  if (!connection) {
    if (errno == ENOENT || errno == ENXIO || errno == ENODEV) {
      throw Error(ErrorCode::kUnsupported, kDevice, "this system has no FUSE");
    }
    return {};
  }
  const std::string data =
      fmt::format("fd={},rootmode=40000,user_id={},group_id={},default_permissions{}",
                  connection.get(), ::getuid(), ::getgid(), audience_option(options));
  unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV;
  if (!options.allow_execution) {
    flags |= MS_NOEXEC;
  }
  const std::string target = path_of_descriptor(place.directory.get());
  if (::mount(source.c_str(), target.c_str(), std::string(kFuseType).c_str(), flags,
              data.c_str()) == 0) {
    return connection;
  }
  if (errno != EPERM) {
    throw_system_error(errno, place.path.string(), "mount there");
  }
  return {};
}

Descriptor mount_by_program(const std::string& source, const std::filesystem::path& mount_point,
                            const Options& options) {
  const std::string words = fmt::format(
      "ro,nosuid,nodev,default_permissions{}{},subtype=cim,fsname={}", audience_option(options),
      options.allow_execution ? "" : ",noexec", escaped(source));
  return fusermount_mount(words, mount_point.string());
}

Descriptor mount_somehow(const std::string& source, const MountPoint& place,
                         const Options& options) {
  if (::geteuid() == 0) {
    if (auto connection = mount_directly(source, place, options)) {
      return connection;
    }
  }
  return mount_by_program(source, place.path, options);
}

std::string device_mounted_at(const std::filesystem::path& mount_point) {
  const auto mount = find_mount(mount_point);
  return mount ? mount->device : std::string();
}

}  // namespace

KernelMount::KernelMount(const std::string& source, const std::filesystem::path& mount_point,
                         const Options& options) {
  const MountPoint place = open_mount_point(mount_point);
  connection_ = mount_somehow(source, place, options);
  mount_point_ = place.path;
  device_ = device_mounted_at(mount_point_);
}

KernelMount::~KernelMount() {
  // Once the connection is closed, programs that still use the mount get errors instead of
  // blocking.
  connection_.reset();
  take_away();
}

void KernelMount::take_away() noexcept {
  try {
    if (!device_.empty() && device_mounted_at(mount_point_) == device_) {
      unmount_fuse(mount_point_, UnmountMode::kLazily);
    }
  } catch (const std::exception&) {
    // There is no caller to report to; `cim umount` removes what remains.
  }
  forget();
}

bool is_connected(int connection) noexcept {
  pollfd state = {.fd = connection, .events = 0, .revents = 0};
  return ::poll(&state, 1, 0) < 0 || (state.revents & (POLLERR | POLLNVAL)) == 0;
}

int unmount_fuse(const std::filesystem::path& mount_point, UnmountMode mode) {
  const bool lazily = mode == UnmountMode::kLazily;
  if (::umount2(mount_point.c_str(), UMOUNT_NOFOLLOW | (lazily ? MNT_DETACH : 0)) == 0) {
    return 0;
  }
  if (errno != EPERM) {
    return errno;
  }
  std::vector<std::string> arguments = {"-u", "--", mount_point.string()};
  if (lazily) {
    arguments.insert(arguments.begin() + 1, "-z");
  }
  const std::string complaint = fusermount_complaint(arguments);
  if (complaint.empty()) {
    return 0;
  }
  return complaint.find("busy") != std::string::npos ? EBUSY : EPERM;
}

}  // namespace cim::mount
