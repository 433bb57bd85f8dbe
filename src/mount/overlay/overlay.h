// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Makes a mounted image writable with a kernel overlay on top of it, at the same mount point.

#include <filesystem>
#include <optional>
#include <string>

#include "cimlib/mount.h"

#include "mount/base/mount_point.h"
#include "mount/base/mount_table.h"

namespace cim::mount::overlay {

/// Throws kInvalidArgument if the options ask for a writable mount and rule it out, kUnsupported if
/// they ask for one and this process may not mount overlays.
void require_possible(const Options& options);

/// Mounts an overlay on top of the image at `mount_point`, which must be spelled as in the mount
/// table; `source` is the image's path, by which both are recognized as one mount. The overlay
/// stores its files in options.upper. Throws kBusy if another overlay uses that directory,
/// kAccessDenied, kUnsupported if the kernel or the file system of the directory does not support
/// it, and whatever creating the directories throws.
MountGuard mount_on_top(const std::string& source, const std::filesystem::path& mount_point,
                        const Options& options);

/// Returns the mount(2) options for an overlay with these directories; commas, colons and
/// backslashes in their names are escaped with a backslash.
std::string options_of(const std::filesystem::path& lower, const std::filesystem::path& upper);

/// Returns the Options::upper that the overlay was mounted with.
std::optional<std::filesystem::path> upper_of(const Mount& overlay);

}  // namespace cim::mount::overlay
