// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/kernel_mount.h"

#include <cerrno>
#include <exception>
#include <string_view>

#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "base/thread.h"
#include "mount/base/mount_point.h"
#include "mount/base/mount_syscalls.h"
#include "mount/base/mount_table.h"
#include "os/system_error.h"

// The mount table shows as the source the name under which the kernel opened the metadata image.
// The name must be the image's path after "cim:", so that the table says which image is mounted,
// and that the mount is ours. A thread with its own working directory therefore enters an in-memory
// file system that is not attached anywhere and disappears with the thread, and creates a symbolic
// link there, at "cim:/the/image's/path", to the metadata image.

namespace cim::mount::erofs {
namespace {

const std::string kWhat = "EROFS";

constexpr std::size_t kMaxText = 255;  // for fsconfig(2)

constexpr mode_t kDirectoryMode = 0700;

[[noreturn]] void throw_create_error(int error, const FilesystemContext& context) {
  switch (error) {
    case EPERM:
      throw Error(ErrorCode::kAccessDenied, kWhat,
                  "only root of the machine may mount it, not that of a user namespace");
    case ENOTBLK:
      throw Error(ErrorCode::kUnsupported, kWhat,
                  "the kernel mounts it from no files (since Linux 6.12), or from none in the file "
                  "system of the cache (-o cache=DIR)");
    default:
      break;
  }
  std::string reason =
      fmt::format("the kernel refuses the mount: {}", std::system_category().message(error));
  if (const std::string message = context.message(); !message.empty()) {
    reason += fmt::format(" ({})", message);
  }
  throw Error(ErrorCode::kUnsupported, kWhat, reason);
}

FilesystemContext opened_context(const char* type) {
  FilesystemContext context;
  const int error = context.open(type);
  if (error == ENODEV || error == ENOSYS) {
    throw Error(ErrorCode::kUnsupported, kWhat, "this kernel has none");
  }
  if (error != 0) {
    throw Error(code_of_errno(error), kWhat,
                fmt::format("cannot be mounted: {}", std::system_category().message(error)));
  }
  return context;
}

void require_accepted(int error, const FilesystemContext& context) {
  if (error != 0) {
    throw_create_error(error, context);
  }
}

Descriptor mount_of(FilesystemContext& context, const MountAttributes& attributes) {
  require_accepted(context.create(), context);
  Descriptor mount;
  require_accepted(context.mount(attributes, mount), context);
  return mount;
}

void require(int result, std::string_view what) {
  if (result != 0) {
    throw_system_error(errno, kWhat, what);
  }
}

/// Makes the source a name relative to the working directory of this thread.
void enter_directory_with(const std::string& source, int metadata) {
  FilesystemContext context = opened_context("tmpfs");
  const Descriptor root = mount_of(context, {.is_read_only = false});
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
  FilesystemContext context = opened_context("erofs");
  require_accepted(context.set_flag("ro"), context);
  require_accepted(context.set_text("source", source), context);
  for (const int device : devices) {
    require_accepted(context.set_text("device", path_of_descriptor(device)), context);
  }
  return mount_of(context, {.allows_execution = allow_execution});
}

}  // namespace

void require_kernel() {
  FilesystemContext context = opened_context("erofs");
  // Mounting fails without a source, but a lack of permission is reported before that.
  if (context.create() == EPERM) {
    throw_create_error(EPERM, context);
  }
}

Descriptor mount_detached(int metadata, const std::vector<int>& devices, const std::string& source,
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

}  // namespace cim::mount::erofs
