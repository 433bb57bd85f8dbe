// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The program as mount(8) runs it for file systems of type "cim", under the name mount.cim:
//
//   mount.cim IMAGE MOUNTPOINT [-sfnv] [-o OPTIONS] [-t TYPE] [-N NAMESPACE]

#include <string>
#include <string_view>
#include <vector>

#include "cli/console.h"

namespace cim::cli {

/// True if the program was started under that name, with or without a path.
bool is_mount_helper(std::string_view program);

/// Runs `cim mount`; returns an exit status for mount(8): 0, 1 for wrong usage, 32 for failure.
int run_mount_helper(const std::vector<std::string>& arguments,
                     const Environment& environment) noexcept;

/// Translates the arguments to those of `cim`; empty if there is nothing to do. Throws UsageError.
std::vector<std::string> mount_arguments(const std::vector<std::string>& arguments);

}  // namespace cim::cli
