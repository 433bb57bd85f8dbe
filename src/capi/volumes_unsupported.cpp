// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A build without FUSE.
#include "capi/arguments.h"
#include "capi/result.h"
#include "capi/volumes.h"

namespace cim::capi {

HRESULT mount_volume(PCWSTR directory, PCWSTR name, CIM_MOUNT_IMAGE_FLAGS flags,
                     const GUID* volume) {
  return guarded([&] {
    check_mount_flags(flags);
    guid_of(volume);
    existing_image(directory, name);
    fail(from_win32(ERROR_NOT_SUPPORTED));
  });
}

HRESULT dismount_volume(const GUID* volume) {
  return guarded([&] {
    guid_of(volume);
    fail(from_win32(ERROR_FILE_NOT_FOUND));
  });
}

std::u16string volume_path(const GUID* volume) {
  guid_of(volume);
  fail(from_win32(ERROR_NOT_SUPPORTED));
}

SystemFunction system_function(const char* /*name*/) noexcept {
  return nullptr;
}

}  // namespace cim::capi
