// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/overlay/overlay.h"

#include <cerrno>
#include <chrono>
#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "mount/base/mount_syscalls.h"
#include "mount/base/trusted_directory.h"
#include "os/directory_lock.h"
#include "os/host_path.h"
#include "os/system_error.h"

namespace cim::mount::overlay {
namespace {

constexpr const char* kUpperName = "upper";
constexpr const char* kWorkName = "work";

// mount(2) takes one page of options and truncates longer ones; the smallest page has 4096 bytes.
constexpr std::size_t kMaxOptions = 4095;

// Another process holds the lock only while it mounts an overlay.
constexpr std::chrono::seconds kLockTimeout{10};

// Escapes what separates options and directories in the options of an overlay.
std::string with_backslashes(const std::filesystem::path& path) {
  std::string text;
  for (const char c : path.string()) {
    if (c == ',' || c == ':' || c == '\\') {
      text += '\\';
    }
    text += c;
  }
  return text;
}

/// In any other user namespace, root may not set the trusted.* attributes in which overlays record
/// deletions, but may set user.* attributes that serve the same purpose.
bool is_in_first_user_namespace() {
  std::ifstream map("/proc/self/uid_map");
  std::uint64_t inside = 0;
  std::uint64_t outside = 0;
  std::uint64_t count = 0;
  map >> inside >> outside >> count;
  return !map || (inside == 0 && outside == 0 && count == 0xFFFFFFFF);
}

/// The mode of `upper` is that of the root of the mount, where it may have been changed since.
TrustedDirectory prepared_upper(const std::filesystem::path& given) {
  constexpr mode_t kMode = 0755;
  auto directory = make_trusted_directory(given, kMode);
  require_private(directory);
  make_trusted_child(directory, kUpperName, kMode);
  make_trusted_child(directory, kWorkName, S_IRWXU);
  return directory;
}

/// Two overlays with the same upper directory destroy each other's files, and the kernel only
/// warns.
void refuse_if_used(const std::filesystem::path& upper) {
  if (const auto mount_point = overlay_storing_in(upper / kUpperName)) {
    throw Error(ErrorCode::kBusy, upper.string(),
                fmt::format("the mount at {} stores its changes there", mount_point->string()));
  }
}

/// The kernel writes the details of EINVAL to its log only.
[[noreturn]] void throw_mount_error(int error, const std::filesystem::path& upper) {
  switch (error) {
    case EPERM:
      throw Error(ErrorCode::kAccessDenied, upper.string(),
                  "cannot mount an overlay: this user may not mount");
    case ENODEV:
      throw Error(ErrorCode::kUnsupported, upper.string(), "the kernel does not support overlayfs");
    case EINVAL:
    case EOPNOTSUPP:
      throw Error(ErrorCode::kUnsupported, upper.string(),
                  "cannot store the files of an overlay: its file system does not support that, or "
                  "its directories belong to another overlay");
    default:
      throw_system_error(error, upper.string(), "mount an overlay");
  }
}

}  // namespace

void require_possible(const Options& options) {
  if (!options.upper) {
    return;
  }
  if (options.names == NameMatch::kIgnoringCase) {
    throw Error(ErrorCode::kInvalidArgument, "a writable mount",
                "cannot ignore case, because overlayfs distinguishes case");
  }
  if (::geteuid() != 0) {
    throw Error(ErrorCode::kUnsupported, "a writable mount",
                "only root can mount an overlay; other users can do so within `unshare --user "
                "--map-root-user --mount`");
  }
}

std::string options_of(const std::filesystem::path& lower, const std::filesystem::path& upper) {
  return fmt::format("lowerdir={},upperdir={},workdir={}", with_backslashes(lower),
                     with_backslashes(upper / kUpperName), with_backslashes(upper / kWorkName));
}

std::optional<std::filesystem::path> upper_of(const Mount& overlay) {
  const auto directory = upper_directory_of(overlay);
  return directory ? std::optional(directory->parent_path()) : std::nullopt;
}

MountGuard mount_on_top(const std::string& source, const std::filesystem::path& mount_point,
                        const Options& options) {
  const TrustedDirectory directory = prepared_upper(*options.upper);
  const std::filesystem::path& upper = directory.path;
  // The lock makes the check and the mount one step among processes of this library.
  const DirectoryLock lock(upper, kLockTimeout);
  refuse_if_used(upper);
  // The system's defaults may be to rename directories and copy metadata by reference, so that the
  // upper directory would depend on the image; with user.* attributes neither is possible.
  const std::string words =
      options_of(mount_point, upper) +
      (is_in_first_user_namespace() ? ",redirect_dir=off,metacopy=off" : ",userxattr");
  if (words.size() > kMaxOptions) {
    throw Error(ErrorCode::kLimit, upper.string(), "its path is too long for an overlay");
  }
  const int error =
      mount_filesystem(kOverlayType, source, mount_point, words,
                       {.is_read_only = false, .allows_execution = options.allow_execution});
  if (error != 0) {
    throw_mount_error(error, upper);
  }
  return MountGuard(mount_point);
}

}  // namespace cim::mount::overlay
