// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/kernel_mount.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/mount.h"

#include "base/thread.h"
#include "mount/fuse/kernel_mount.h"
#include "mount/mount_table.h"
#include "os/system_error.h"

// The mount table shows as the source the name under which the kernel opened the metadata image.
// The name must be the image's path after "cim:", so that the table says which image is mounted,
// and that the mount is ours. A thread with its own working directory therefore enters an in-memory
// file system that is not attached anywhere and disappears with the thread, and creates a symbolic
// link there, at "cim:/the/image's/path", to the metadata image.

namespace cim::mount::erofs {
namespace {

const std::string kWhat = "EROFS";

// fsconfig(2) accepts strings of up to 255 bytes.
constexpr std::size_t kMaxText = 255;

constexpr mode_t kDirectoryMode = 0700;

/// Returns the kernel's message for a failure, such as "device IDs mismatched".
std::string complaint(int context) {
  std::array<char, 512> text{};
  const ssize_t size = ::read(context, text.data(), text.size());
  if (size <= 0) {
    return "";
  }
  std::string_view line(text.data(), static_cast<std::size_t>(size));
  line.remove_suffix(line.ends_with('\n') ? 1 : 0);
  return fmt::format(" ({})", line.substr(line.starts_with("e ") ? 2 : 0));
}

[[noreturn]] void throw_create_error(int error, int context) {
  switch (error) {
    case EPERM:
      throw Error(ErrorCode::kAccessDenied, kWhat,
                  "only root of the machine may mount it, not that of a user namespace");
    case ENOTBLK:
      throw Error(ErrorCode::kUnsupported, kWhat,
                  "the kernel mounts it from no files (since Linux 6.12), or from none in the file "
                  "system of the cache (-o cache=DIR)");
    default:
      throw Error(ErrorCode::kUnsupported, kWhat,
                  fmt::format("the kernel refuses the mount: {}{}",
                              std::system_category().message(error), complaint(context)));
  }
}

Descriptor open_context(const char* type) {
  Descriptor context(::fsopen(type, FSOPEN_CLOEXEC));
  if (!context) {
    const int error = errno;
    if (error == ENODEV || error == ENOSYS) {
      throw Error(ErrorCode::kUnsupported, kWhat, "this kernel has none");
    }
    throw Error(code_of_errno(error), kWhat,
                fmt::format("cannot be mounted: {}", std::system_category().message(error)));
  }
  return context;
}

void set_flag(int context, const char* name) {
  if (::fsconfig(context, FSCONFIG_SET_FLAG, name, nullptr, 0) != 0) {
    throw_create_error(errno, context);
  }
}

void set_text(int context, const char* name, const std::string& value) {
  if (::fsconfig(context, FSCONFIG_SET_STRING, name, value.c_str(), 0) != 0) {
    throw_create_error(errno, context);
  }
}

Descriptor mount_of(int context, unsigned attributes) {
  if (::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    throw_create_error(errno, context);
  }
  Descriptor mount(::fsmount(context, FSMOUNT_CLOEXEC, attributes));
  if (!mount) {
    throw_create_error(errno, context);
  }
  return mount;
}

void require(int result, std::string_view what) {
  if (result != 0) {
    throw_system_error(errno, kWhat, what);
  }
}

/// Makes the source a name relative to the working directory of this thread.
void enter_directory_with(const std::string& source, int metadata) {
  const Descriptor context = open_context("tmpfs");
  const Descriptor root = mount_of(context.get(), 0);
  require(::unshare(CLONE_FS), "have a working directory of its own");
  require(::fchdir(root.get()), "enter its working directory");
  for (std::size_t slash = source.find('/'); slash != std::string::npos;
       slash = source.find('/', slash + 1)) {
    if (::mkdir(source.substr(0, slash).c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
      throw_system_error(errno, kWhat, "make a directory");
    }
  }
  require(::symlink(path_of_descriptor(metadata).c_str(), source.c_str()), "make a link");
}

Descriptor mount_from_directory(const std::vector<int>& devices, const std::string& source,
                                bool allow_execution) {
  const Descriptor context = open_context("erofs");
  set_flag(context.get(), "ro");
  set_text(context.get(), "source", source);
  for (const int device : devices) {
    set_text(context.get(), "device", path_of_descriptor(device));
  }
  return mount_of(context.get(), MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                     (allow_execution ? 0U : MOUNT_ATTR_NOEXEC));
}

std::string device_at(const std::filesystem::path& mount_point) {
  const auto mount = find_mount(mount_point);
  return mount ? mount->device : std::string();
}

}  // namespace

void require_kernel() {
  const Descriptor context = open_context("erofs");
  // Mounting fails without a source, but a lack of permission is reported before that.
  if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0 && errno == EPERM) {
    throw_create_error(EPERM, context.get());
  }
}

Descriptor mount_nowhere(int metadata, const std::vector<int>& devices, const std::string& source,
                         bool allow_execution) {
  if (source.size() > kMaxText) {
    throw Error(
        ErrorCode::kLimit, source.substr(kErofsSourcePrefix.size()),
        fmt::format("EROFS takes paths of at most {} bytes", kMaxText - kErofsSourcePrefix.size()));
  }
  Descriptor mount;
  std::exception_ptr failure;
  start_thread([&] {
    try {
      enter_directory_with(source, metadata);
      mount = mount_from_directory(devices, source, allow_execution);
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) {
    std::rethrow_exception(failure);
  }
  return mount;
}

KernelMount::KernelMount(Descriptor mount, const MountPoint& place) : mount_point_(place.path) {
  if (::move_mount(mount.get(), "", place.directory.get(), "",
                   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) {
    throw_system_error(errno, mount_point_.string(), "mount there");
  }
  device_ = device_at(mount_point_);
}

KernelMount::~KernelMount() {
  try {
    if (!device_.empty() && is_there()) {
      unmount_fuse(mount_point_, UnmountMode::kLazily);
    }
  } catch (const std::exception&) {
    // There is no caller to report to; `cim umount` removes what remains.
  }
}

bool KernelMount::is_there() const {
  return std::ranges::any_of(read_mount_table(), [this](const Mount& mount) {
    return mount.mount_point == mount_point_ && mount.device == device_;
  });
}

}  // namespace cim::mount::erofs
