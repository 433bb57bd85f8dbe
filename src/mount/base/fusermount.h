// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// fusermount3, the program of libfuse that lets ordinary users mount and unmount.

#include <string>
#include <vector>

#include "os/descriptor_posix.h"

namespace cim::mount {

/// Mounts with `options` ("ro,fsname=…") and returns the connection to the kernel. Throws
/// kAccessDenied with the program's error message if it fails, kUnsupported if it is not installed.
Descriptor fusermount_mount(const std::string& options, const std::string& mount_point);

/// Runs it with the given arguments; returns its error message if it failed, else an empty string.
/// Throws kUnsupported if it is not installed.
std::string fusermount_error(const std::vector<std::string>& arguments);

}  // namespace cim::mount
