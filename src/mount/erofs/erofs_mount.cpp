// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/erofs_mount.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "mount/base/mount_syscalls.h"
#include "mount/base/mount_table.h"
#include "mount/erofs/cache.h"
#include "mount/erofs/file_map.h"
#include "mount/erofs/kernel_mount.h"
#include "os/descriptor_posix.h"
#include "os/file.h"
#include "os/host_path.h"
#include "os/system_error.h"

namespace cim::mount::erofs {
namespace {

PosixOptions posix_options_of(const Options& options) {
  return {.user = options.user.value_or(::getuid()),
          .group = options.group.value_or(::getgid()),
          .umask = options.umask,
          .is_root_private = options.access == Access::kOwner && !options.upper,
          .streams =
              options.streams == StreamNames::kNone ? StreamXattrs::kHidden : StreamXattrs::kShown};
}

void refuse_if_missing(const MetadataImage& metadata, Missing missing) {
  const Omissions::Found& names = metadata.notes.omissions.of(OmissionKind::kLongNames);
  if (missing == Missing::kRefused && names.count != 0) {
    throw Error(
        ErrorCode::kLimit, metadata.notes.image.string(),
        fmt::format("names of more than 255 bytes ({}) cannot be had with EROFS", names.count));
  }
}

std::vector<int> descriptors_of(const Devices& devices, const Image& image) {
  std::vector<int> descriptors;
  for (std::size_t i = 0; i < devices.count(); ++i) {
    descriptors.push_back(image.region_descriptor(devices.region(i)));
  }
  return descriptors;
}

/// Compares the start of a file with data in a region as read through the mount and by this
/// library.
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
    throw Error(ErrorCode::kUnsupported, probe.path, "the kernel reads other bytes than are there");
  }
}

/// Waits for changes of the mount table and for stop requests.
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
  if (options.names == NameMatch::kIgnoringCase) {
    return "EROFS finds names by their exact bytes alone";
  }
  if (options.streams == StreamNames::kPaths) {
    return "EROFS has no paths to alternate streams";
  }
  return "";
}

ErofsMount mount_image(const std::filesystem::path& path, const std::filesystem::path& mount_point,
                       const Options& options, Missing missing, const std::stop_token& stop) {
  require_kernel();
  const MountPoint place = open_mount_point(mount_point);
  const Image image(absolute_path(path));
  const MetadataImage metadata =
      find_or_build(image, posix_options_of(options), cache_directory(options.cache), stop);
  refuse_if_missing(metadata, missing);
  const Descriptor root = mount_detached(
      metadata.file.descriptor(), descriptors_of(Devices(image, kBlockBits), image),
      std::string(kErofsSourcePrefix) + image.path().string(), options.allow_execution);
  compare_probe(image, metadata.notes.probe, root.get());
  if (const int error = attach_mount(root, place.directory); error != 0) {
    throw_system_error(error, place.path.string(), "mount there");
  }
  return {.guard = MountGuard(place.path),
          .mounted = {.backend = Backend::kErofs, .omissions = metadata.notes.omissions.list()}};
}

void wait_until_unmounted(const MountGuard& mount, const std::stop_token& stop) {
  const Watch watch(stop);
  while (!stop.stop_requested() && mount.is_mounted()) {
    watch.wait();
  }
}

}  // namespace cim::mount::erofs
