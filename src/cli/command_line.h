// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Runs a command line and returns its exit status.

#include <string>
#include <vector>

#include "cli/console.h"

namespace cim::cli {

/// Runs the program with the arguments that follow its name; all output goes to the environment.
/// Never throws.
int run(const std::vector<std::string>& arguments, const Environment& environment) noexcept;

}  // namespace cim::cli
