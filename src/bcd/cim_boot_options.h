// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Whether options of booting from a CIM can be.

#include <string>
#include <string_view>

#include "cimlib/bcd.h"

namespace cim::bcd {

/// Throws kUnsupported unless what is unverified is accepted, kInvalidArgument for GUIDs that name
/// no disk and partition.
void check_options(const CimBootOptions& options);

/// The path of an image as the store has it, with one backslash in front. Throws kInvalidArgument
/// for anything that is no path of a .cim file on the share.
std::string stored_cim_path(std::string_view path);

}  // namespace cim::bcd
