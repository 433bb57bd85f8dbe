// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Paths that are followed, through symbolic links, without leaving a directory.

#include <string>

namespace cim {

/// Returns true if a path below the open directory `root` leads to a directory there. Absolute
/// links start at `root`, and nothing is above it.
bool leads_to_directory(int root, const std::string& path);

/// The same, one name after another, for systems that cannot do it in one call: Linux before 5.6,
/// emulators.
bool leads_to_directory_by_steps(int root, const std::string& path);

}  // namespace cim
