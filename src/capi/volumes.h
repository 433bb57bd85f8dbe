// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Images as volumes. One implementation for builds that mount, one for Windows, one for the others.

#include <string>

#include "cimlib/cimfs.h"

namespace cim::capi {

/// Both take the arguments and return the results of CimMountImage and CimDismountImage.
HRESULT mount_volume(PCWSTR directory, PCWSTR name, CIM_MOUNT_IMAGE_FLAGS flags,
                     const GUID* volume);
HRESULT dismount_volume(const GUID* volume);

/// Returns the directory with the files of a volume.
std::u16string volume_path(const GUID* volume);

/// Rejects unknown flags (E_INVALIDARG).
void check_mount_flags(CIM_MOUNT_IMAGE_FLAGS flags);
/// True if all flags are hints: cimlib's own mounts support no others.
bool is_supported(CIM_MOUNT_IMAGE_FLAGS flags) noexcept;

/// Returns a function of the cimfs.dll that is part of Windows, to be cast to its type; null if it
/// has none of that name, and on other systems.
using SystemFunction = void (*)();
SystemFunction system_function(const char* name) noexcept;

}  // namespace cim::capi
