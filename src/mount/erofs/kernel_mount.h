// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// EROFS mounts in the kernel.

#include <string>
#include <vector>

#include "os/descriptor_posix.h"

namespace cim::mount::erofs {

/// Throws kUnsupported if the kernel has no EROFS, kAccessDenied if the user may not mount it.
void require_kernel();

/// Creates a mount that is not attached yet. The returned descriptor is its root, for openat(2),
/// and closing it removes the mount. All descriptors given must be open for reading; the kernel
/// opens the files again. `source` is "cim:" followed by the image's absolute path, as it will
/// appear in the mount table. Throws kUnsupported, with the kernel's message, if it accepts no
/// files or not these; kLimit if the path is too long.
Descriptor mount_detached(int metadata, const std::vector<int>& devices, const std::string& source,
                          bool allow_execution);

}  // namespace cim::mount::erofs
