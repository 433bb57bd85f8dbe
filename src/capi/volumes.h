// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Images as volumes. One implementation for builds that mount, one for Windows, one for the others.

#include <filesystem>
#include <string>

#include "cimlib/cimfs.h"

namespace cim::capi {

/// Whether an image is mounted, so that it must not be replaced.
bool is_mounted(const std::filesystem::path& image);

/// Both take what CimMountImage and CimDismountImage are given, and answer as they do.
HRESULT mount_volume(PCWSTR directory, PCWSTR name, CIM_MOUNT_IMAGE_FLAGS flags,
                     const GUID* volume);
HRESULT dismount_volume(const GUID* volume);

/// Where a volume's files are.
std::u16string volume_path(const GUID* volume);

/// Refuses flags that are not known (E_INVALIDARG).
void check_mount_flags(CIM_MOUNT_IMAGE_FLAGS flags);

}  // namespace cim::capi
