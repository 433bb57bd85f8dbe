// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The program as mount(8) calls it for file systems of type "cim", under the name mount.cim:
//
//   mount.cim IMAGE MOUNTPOINT [-sfnv] [-o OPTIONS] [-t TYPE] [-N NAMESPACE]

#include <string>
#include <string_view>
#include <vector>

#include "cli/console.h"

namespace cim::cli {

/// Whether the program was started under that name, which may have a path in front.
bool is_mount_helper(std::string_view program);

/// Does `cim mount`; returns what mount(8) takes for an exit status: 0, 1 for wrong usage, 32.
int run_mount_helper(const std::vector<std::string>& arguments,
                     const Environment& environment) noexcept;

/// What they mean for `cim`; nothing to do for no words. Throws UsageError.
std::vector<std::string> mount_arguments(const std::vector<std::string>& arguments);

}  // namespace cim::cli
