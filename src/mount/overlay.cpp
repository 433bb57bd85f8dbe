// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/overlay.h"

#include <cerrno>
#include <chrono>
#include <exception>
#include <fstream>

#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "mount/fuse/kernel_mount.h"
#include "mount/image_mounts.h"
#include "mount/trusted_directory.h"
#include "os/directory_lock.h"
#include "os/file.h"
#include "os/system_error.h"

namespace cim::mount {
namespace {

constexpr const char* kUpperName = "upper";
constexpr const char* kWorkName = "work";

// mount(2) takes one page of options and truncates longer ones; the smallest page has 4096 bytes.
constexpr std::size_t kMaxData = 4095;

constexpr std::chrono::seconds kOverlayPatience{10};

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

std::string without_backslashes(std::string_view text) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
    }
    path += text[i];
  }
  return path;
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
  for (const Mount& mount : read_mount_table()) {
    const auto used = mount.type == kOverlayType ? upper_of_overlay(mount) : std::nullopt;
    if (used && is_same_file(*used, upper)) {
      throw Error(
          ErrorCode::kBusy, upper.string(),
          fmt::format("the mount at {} keeps its changes there", mount.mount_point.string()));
    }
  }
}

[[noreturn]] void throw_mount_error(int error, const std::filesystem::path& upper) {
  switch (error) {
    case EPERM:
      throw Error(ErrorCode::kAccessDenied, upper.string(),
                  "cannot lay an overlay: this user may not mount");
    case ENODEV:
      throw Error(ErrorCode::kUnsupported, upper.string(), "the kernel has no overlayfs");
    case EINVAL:
    case EOPNOTSUPP:
      throw Error(ErrorCode::kUnsupported, upper.string(),
                  "cannot keep an overlay's files: its file system is no fit for that, or the "
                  "directories in it belong to an overlay of something else");
    default:
      throw_system_error(error, upper.string(), "lay an overlay");
  }
}

}  // namespace

void require_overlays() {
  if (::geteuid() != 0) {
    throw Error(ErrorCode::kUnsupported, "a writable mount",
                "only root can lay an overlay over an image, or `unshare --user --map-root-user "
                "--mount` its user");
  }
}

std::string overlay_data(const std::filesystem::path& lower, const std::filesystem::path& upper) {
  return fmt::format("lowerdir={},upperdir={},workdir={}", with_backslashes(lower),
                     with_backslashes(upper / kUpperName), with_backslashes(upper / kWorkName));
}

std::optional<std::filesystem::path> upper_of_overlay(const Mount& overlay) {
  const auto option = option_of(overlay, "upperdir");
  return option ? std::optional(std::filesystem::path(without_backslashes(*option)).parent_path())
                : std::nullopt;
}

Overlay::Overlay(const std::string& source, const std::filesystem::path& mount_point,
                 const Options& options)
    : mount_point_(mount_point) {
  const TrustedDirectory directory = prepared_upper(*options.upper);
  const std::filesystem::path& upper = directory.path;
  const DirectoryLock lock(upper, kOverlayPatience);
  refuse_if_used(upper);
  const std::string data =
      overlay_data(mount_point, upper) + (is_in_first_user_namespace() ? "" : ",userxattr");
  if (data.size() > kMaxData) {
    throw Error(ErrorCode::kLimit, upper.string(), "its path is too long for an overlay");
  }
  const unsigned long flags =
      MS_NOSUID | MS_NODEV |
      (options.allow_execution ? 0UL : static_cast<unsigned long>(MS_NOEXEC));
  if (::mount(source.c_str(), mount_point.c_str(), std::string(kOverlayType).c_str(), flags,
              data.c_str()) != 0) {
    throw_mount_error(errno, upper);
  }
  const auto mount = find_mount(mount_point);
  device_ = mount ? mount->device : "";
}

Overlay::~Overlay() {
  try {
    const auto mount = find_mount(mount_point_);
    if (!device_.empty() && mount && mount->device == device_) {
      unmount_fuse(mount_point_, UnmountMode::kLazily);
    }
  } catch (const std::exception&) {
    // There is no caller to report to; `cim umount` removes what remains.
  }
}

}  // namespace cim::mount
