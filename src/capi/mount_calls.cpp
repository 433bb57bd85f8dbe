// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The functions that mount images.
#include <algorithm>
#include <string>

#include "cimlib/cimfs.h"

#include "capi/result.h"
#include "capi/volumes.h"

namespace cim::capi {

void check_mount_flags(CIM_MOUNT_IMAGE_FLAGS flags) {
  constexpr unsigned kKnown =
      CIM_MOUNT_CHILD_ONLY | CIM_MOUNT_ENABLE_DAX | CIM_MOUNT_CACHE_FILES | CIM_MOUNT_CACHE_REGIONS;
  if ((static_cast<unsigned>(flags) & ~kKnown) != 0) {
    fail(E_INVALIDARG);
  }
}

}  // namespace cim::capi

// NOLINTBEGIN(readability-identifier-naming): the names of Windows.
using namespace cim::capi;

HRESULT WINAPI CimMountImage(PCWSTR imageContainingPath, PCWSTR imageName,
                             CIM_MOUNT_IMAGE_FLAGS mountImageFlags, const GUID* volumeId) {
  return mount_volume(imageContainingPath, imageName, mountImageFlags, volumeId);
}

HRESULT WINAPI CimDismountImage(const GUID* volumeId) {
  return dismount_volume(volumeId);
}

HRESULT WINAPI CimlibGetVolumePath(const GUID* volumeId, WCHAR* buffer, UINT32 bufferUnits,
                                   UINT32* length) {
  return guarded([&] {
    auto& out = out_param(length);
    const std::u16string path = volume_path(volumeId);
    out = static_cast<UINT32>(path.size());
    if (bufferUnits <= path.size()) {
      fail(from_win32(ERROR_INSUFFICIENT_BUFFER));
    }
    if (buffer == nullptr) {
      fail(E_POINTER);
    }
    std::copy_n(path.c_str(), path.size() + 1, buffer);
  });
}
// NOLINTEND(readability-identifier-naming)
