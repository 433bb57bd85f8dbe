// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <system_error>

#include <unistd.h>

#include "cimlib/mount.h"
#include "cimlib/wtf8.h"

#include "base/file.h"
#include "capi/arguments.h"
#include "capi/result.h"
#include "capi/volumes.h"
#include "mount/image_mounts.h"
#include "mount/mount_table.h"

namespace cim::capi {
namespace {

// Where root mounts, everybody may look; other users have a place of their own.
std::filesystem::path volumes_directory() {
  const char* const own = std::getenv("XDG_RUNTIME_DIR");
  if (::geteuid() == 0 || own == nullptr || *own == '\0') {
    return "/run/cimlib/volumes";
  }
  return std::filesystem::path(own) / "cimlib" / "volumes";
}

std::filesystem::path directory_of(const GUID* volume) {
  return volumes_directory() / ("{" + guid_of(volume).to_string() + "}");
}

// One mount at a time is started: each forks.
std::mutex& mounting() {
  static std::mutex mutex;
  return mutex;
}

// A directory that was there already may be one that a killed server left, or have a volume.
void make_mount_point(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error == std::errc::permission_denied || error == std::errc::read_only_file_system) {
    refuse(E_ACCESSDENIED);
  }
  if (error) {
    refuse(from_win32(ERROR_IO_DEVICE));
  }
}

void remove_mount_point(const std::filesystem::path& directory) noexcept {
  std::error_code ignored;
  std::filesystem::remove(directory, ignored);
}

}  // namespace

bool is_mounted(const std::filesystem::path& image) {
  return std::ranges::any_of(
      mount::image_mounts(mount::read_mount_table()),
      [&image](const mount::ImageMount& mount) { return is_same_file(mount.image.source, image); });
}

HRESULT mount_volume(PCWSTR directory, PCWSTR name, CIM_MOUNT_IMAGE_FLAGS flags,
                     const GUID* volume) {
  return guarded([&] {
    check_mount_flags(flags);
    const auto mount_point = directory_of(volume);
    const auto image = existing_image(directory, name);
    if ((flags & CIM_MOUNT_CHILD_ONLY) != 0) {
      refuse(from_win32(ERROR_NOT_SUPPORTED));
    }
    const std::scoped_lock lock(mounting());
    if (mount::find_mount(mount_point)) {
      refuse(from_win32(ERROR_ALREADY_EXISTS));
    }
    make_mount_point(mount_point);
    try {
      mount::start(image, mount_point);
    } catch (...) {
      remove_mount_point(mount_point);
      throw;
    }
  });
}

HRESULT dismount_volume(const GUID* volume) {
  return guarded([&] {
    const auto mount_point = directory_of(volume);
    if (!mount::find_image_mount(mount_point)) {
      refuse(from_win32(ERROR_FILE_NOT_FOUND));
    }
    mount::unmount(mount_point);
    remove_mount_point(mount_point);
  });
}

std::u16string volume_path(const GUID* volume) {
  return to_utf16((directory_of(volume) / "").string()).value();
}

}  // namespace cim::capi
