// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/erofs_mount.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "base/thread.h"
#include "mount/base/mount_syscalls.h"
#include "mount/base/mount_table.h"
#include "mount/erofs/cache.h"
#include "mount/erofs/file_map.h"
#include "os/descriptor_posix.h"
#include "os/file.h"
#include "os/host_path.h"
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
                  "only root of the initial user namespace may mount it");
    case ENOTBLK:
      throw Error(ErrorCode::kUnsupported, kWhat,
                  "the kernel cannot mount it from files (requires Linux 6.12), or not from the "
                  "file system of the cache (-o cache=DIR)");
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
    throw Error(ErrorCode::kUnsupported, kWhat, "this kernel does not support it");
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
  require(::unshare(CLONE_FS), "unshare the working directory");
  require(::fchdir(root.get()), "enter its working directory");
  for (std::size_t slash = source.find('/'); slash != std::string::npos;
       slash = source.find('/', slash + 1)) {
    if (::mkdir(source.substr(0, slash).c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
      throw_system_error(errno, kWhat, "create the directory");
    }
  }
  require(::symlink(path_of_descriptor(metadata).c_str(), source.c_str()), "create a link");
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

/// Throws kUnsupported if the kernel has no EROFS, kAccessDenied if the user may not mount it.
void require_kernel() {
  FilesystemContext context = opened_context("erofs");
  // Mounting fails without a source, but a lack of permission is reported before that.
  if (context.create() == EPERM) {
    throw_create_error(EPERM, context);
  }
}

/// Creates a mount that is not attached yet. The returned descriptor is its root, for openat(2),
/// and closing it removes the mount. All descriptors given must be open for reading; the kernel
/// opens the files again. `source` is "cim:" followed by the image's absolute path, as it will
/// appear in the mount table. Throws kUnsupported, with the kernel's message, if it accepts no
/// files or not these; kLimit if the path is too long.
Descriptor mount_detached(int metadata, const std::vector<int>& devices, const std::string& source,
                          bool allow_execution) {
  if (source.size() > kMaxText) {
    throw Error(ErrorCode::kLimit, source.substr(kErofsSourcePrefix.size()),
                fmt::format("EROFS supports paths of at most {} bytes",
                            kMaxText - kErofsSourcePrefix.size()));
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

PosixOptions posix_options_of(const Options& options) {
  return {.user = options.user.value_or(::getuid()),
          .group = options.group.value_or(::getgid()),
          .umask = options.umask,
          .is_root_private = options.access == Access::kOwner && !options.upper,
          .streams =
              options.streams == StreamNames::kNone ? StreamXattrs::kHidden : StreamXattrs::kShown};
}

void refuse_if_missing(const MetadataImage& metadata, Missing missing) {
  const Omissions::Found& names = metadata.seal_data.omissions.of(OmissionKind::kLongNames);
  if (missing == Missing::kRefused && names.count != 0) {
    throw Error(
        ErrorCode::kLimit, metadata.seal_data.image.string(),
        fmt::format("EROFS does not support names of more than 255 bytes ({})", names.count));
  }
}

/// The kernel opens the regions again, by these descriptors, so that they are the files that the
/// image was read from.
std::vector<int> descriptors_of(const Devices& devices, const Image& image) {
  std::vector<int> descriptors;
  for (std::size_t i = 0; i < devices.count(); ++i) {
    descriptors.push_back(image.region_descriptor(devices.region(i)));
  }
  return descriptors;
}

/// Compares the start of a file with data in a region as read through the mount and by this
/// library. Support of EROFS for files as devices is young, and wrong bytes would be worse than an
/// error: a kernel that does not map the regions as intended is found out before anything is
/// mounted.
void compare_probe(const Image& image, const Probe& probe, int root) {
  constexpr std::size_t kCompared = 4096;
  if (probe.path.empty()) {
    return;
  }
  const Descriptor descriptor(
      ::openat(root, probe.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!descriptor) {
    throw_system_error(errno, probe.path, "open through the mount");
  }
  const File file =
      File::adopt(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1), probe.path);
  Bytes expected(kCompared);
  expected.resize(image.open(probe.file).read(0, expected));
  Bytes seen(expected.size());
  file.read_at(0, seen);
  if (seen != expected) {
    throw Error(ErrorCode::kUnsupported, probe.path,
                "the kernel reads other bytes than the image contains");
  }
}

/// Waits for changes of the mount table, which the kernel reports as POLLPRI (proc(5)), and for
/// stop requests.
class Watch {
 public:
  explicit Watch(const std::stop_token& stop)
      : table_(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)),
        event_(::eventfd(0, EFD_CLOEXEC)),
        on_stop_(stop, Wake{event_.get()}) {
    if (!table_ || !event_) {
      throw_system_error(errno, "/proc/self/mountinfo", "watch");
    }
  }

  /// Returns at the next change.
  void wait() const {
    std::array<pollfd, 2> states = {{{.fd = table_.get(), .events = POLLPRI, .revents = 0},
                                     {.fd = event_.get(), .events = POLLIN, .revents = 0}}};
    ::poll(states.data(), states.size(), -1);
  }

 private:
  struct Wake {
    int event;
    void operator()() const noexcept {
      ::eventfd_write(event, 1);  // cannot fail below 2^64 - 1
    }
  };

  Descriptor table_;
  Descriptor event_;
  std::stop_callback<Wake> on_stop_;
};

}  // namespace

std::string objection(const Options& options) {
  if (options.open_image) {
    return "EROFS needs the image as files on the host";
  }
  if (options.names == NameMatch::kIgnoringCase) {
    return "EROFS cannot ignore case";
  }
  if (options.streams == StreamNames::kPaths) {
    return "EROFS cannot show alternate streams as paths";
  }
  return "";
}

// The mount is attached only after its probe was read: until then no other process can see it, and
// a failure removes it.
ErofsMount mount_image(const std::filesystem::path& path, const std::filesystem::path& mount_point,
                       const Options& options, Missing missing, const std::stop_token& stop) {
  require_kernel();
  const MountPoint place = open_mount_point(mount_point);
  const Image image(absolute_path(path),
                    OpenOptions{.region_directories = options.region_directories});
  const MetadataImage metadata =
      find_or_build(image, posix_options_of(options), cache_directory(options.cache), stop);
  refuse_if_missing(metadata, missing);
  const Descriptor root = mount_detached(
      metadata.file.descriptor(), descriptors_of(Devices(image, kBlockBits), image),
      std::string(kErofsSourcePrefix) + image.path().string(), options.allow_execution);
  compare_probe(image, metadata.seal_data.probe, root.get());
  if (const int error = attach_mount(root, place.directory); error != 0) {
    throw_system_error(error, place.path.string(), "mount there");
  }
  return {
      .guard = MountGuard(place.path),
      .mounted = {.backend = Backend::kErofs, .omissions = metadata.seal_data.omissions.list()}};
}

void wait_until_unmounted(const MountGuard& mount, const std::stop_token& stop) {
  const Watch watch(stop);
  while (!stop.stop_requested() && mount.is_mounted()) {
    watch.wait();
  }
}

}  // namespace cim::mount::erofs
