// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/base/mount_syscalls.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

// The C library has functions for the newer of these calls since glibc 2.36, which Debian 12 has.

namespace cim::mount {
namespace {

int errno_unless(bool succeeded) noexcept {
  return succeeded ? 0 : errno;
}

}  // namespace

int mount_filesystem(std::string_view type, const std::string& source,
                     const std::filesystem::path& target, const std::string& options,
                     const MountAttributes& attributes) {
  unsigned long flags = MS_NOSUID | MS_NODEV;
  if (attributes.is_read_only) {
    flags |= MS_RDONLY;
  }
  if (!attributes.allows_execution) {
    flags |= MS_NOEXEC;
  }
  return errno_unless(::mount(source.c_str(), target.c_str(), std::string(type).c_str(), flags,
                              options.c_str()) == 0);
}

int unmount_filesystem(const std::filesystem::path& mount_point, UnmountMode mode) {
  const int detach = mode == UnmountMode::kLazily ? MNT_DETACH : 0;
  return errno_unless(::umount2(mount_point.c_str(), UMOUNT_NOFOLLOW | detach) == 0);
}

int attach_mount(const Descriptor& mount, const Descriptor& directory) {
  return errno_unless(::move_mount(mount.get(), "", directory.get(), "",
                                   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0);
}

int FilesystemContext::open(const char* type) {
  context_ = Descriptor(::fsopen(type, FSOPEN_CLOEXEC));
  return errno_unless(static_cast<bool>(context_));
}

int FilesystemContext::set_flag(const char* name) {
  return errno_unless(::fsconfig(context_.get(), FSCONFIG_SET_FLAG, name, nullptr, 0) == 0);
}

int FilesystemContext::set_text(const char* name, const std::string& value) {
  return errno_unless(::fsconfig(context_.get(), FSCONFIG_SET_STRING, name, value.c_str(), 0) == 0);
}

int FilesystemContext::create() {
  return errno_unless(::fsconfig(context_.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0);
}

int FilesystemContext::mount(const MountAttributes& attributes, Descriptor& mount) {
  unsigned flags = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  if (attributes.is_read_only) {
    flags |= MOUNT_ATTR_RDONLY;
  }
  if (!attributes.allows_execution) {
    flags |= MOUNT_ATTR_NOEXEC;
  }
  mount = Descriptor(::fsmount(context_.get(), FSMOUNT_CLOEXEC, flags));
  return errno_unless(static_cast<bool>(mount));
}

// Each call of read(2) returns one message.
std::string FilesystemContext::message() const {
  std::array<char, 512> text{};
  const ssize_t size = ::read(context_.get(), text.data(), text.size());
  if (size <= 0) {
    return "";
  }
  std::string_view line(text.data(), static_cast<std::size_t>(size));
  line.remove_suffix(line.ends_with('\n') ? 1 : 0);
  // The first letter is the severity.
  return std::string(line.substr(line.starts_with("e ") ? 2 : 0));
}

}  // namespace cim::mount
