// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Actions on the image mounts in the mount table, whichever process made them.

#include "cimlib/mount.h"

#include "mount/base/mount_table.h"

namespace cim::mount {

/// Unmounts the image and its overlay, even if in use when its server has died. Throws as unmount()
/// does.
void unmount_image(const ImageMount& mount, UnmountMode mode);

}  // namespace cim::mount
