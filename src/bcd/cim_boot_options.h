// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checks of the options for booting from a CIM.

#include <string>
#include <string_view>

#include "cimlib/bcd.h"

namespace cim::bcd {

/// Throws kUnsupported unless the caller accepts unverified behaviour, kInvalidArgument for GUIDs
/// that cannot identify a disk and partition.
void check_options(const CimBootOptions& options);

/// Returns the path of an image as the store has it, with one leading backslash. Throws
/// kInvalidArgument if it is not the path of a .cim file on the share.
std::string stored_cim_path(std::string_view path);

}  // namespace cim::bcd
