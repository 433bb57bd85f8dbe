// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shell completion, generated from the table of verbs. A test compares completion/ with this.

#include <string>

namespace cim::cli {

/// Returns a script for bash, to be sourced or installed where bash-completion looks.
std::string bash_completion();

}  // namespace cim::cli
