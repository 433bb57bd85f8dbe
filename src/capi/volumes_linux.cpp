// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <mutex>
#include <optional>

#include "cimlib/error.h"
#include "cimlib/mount.h"
#include "cimlib/wtf8.h"

#include "capi/arguments.h"
#include "capi/result.h"
#include "capi/volumes.h"
#include "mount/active_mounts.h"
#include "mount/base/mount_table.h"
#include "mount/volume.h"

namespace cim::capi {
namespace {

// Mounts are started one at a time, since each forks.
std::mutex& mounting() {
  static std::mutex mutex;
  return mutex;
}

// Creates the directories of a volume; E_ACCESSDENIED for a user who has no place for volumes.
mount::Volume make_volume(const Guid& id) {
  try {
    return mount::Volume::make(id);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) {
      fail(E_ACCESSDENIED);
    }
    throw;
  }
}

}  // namespace

HRESULT mount_volume(PCWSTR directory, PCWSTR name, CIM_MOUNT_IMAGE_FLAGS flags,
                     const GUID* volume) {
  return guarded([&] {
    check_mount_flags(flags);
    const Guid id = guid_of(volume);
    const auto image = existing_image(directory, name);
    if (!is_supported(flags)) {
      fail(from_win32(ERROR_NOT_SUPPORTED));
    }
    const std::scoped_lock lock(mounting());
    auto place = make_volume(id);
    if (mount::find_mount(place.mount_point())) {
      fail(from_win32(ERROR_ALREADY_EXISTS));
    }
    try {
      mount::mount_in_background(image, place.mount_point());
    } catch (...) {
      place.remove_directories();
      throw;
    }
  });
}

HRESULT dismount_volume(const GUID* volume) {
  return guarded([&] {
    auto place = mount::Volume::find(guid_of(volume));
    const auto mount = place ? mount::find_image_mount(place->mount_point()) : std::nullopt;
    if (!mount) {
      fail(from_win32(ERROR_FILE_NOT_FOUND));
    }
    mount::unmount_image(*mount, mount::UnmountMode::kIfIdle);
    place->remove_directories();
  });
}

std::u16string volume_path(const GUID* volume) {
  return to_utf16((mount::volume_mount_point(guid_of(volume)) / "").string()).value();
}

SystemFunction system_function(const char* /*name*/) noexcept {
  return nullptr;
}

}  // namespace cim::capi
