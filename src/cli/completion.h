// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Completion for shells, made from the table of verbs. completion/ holds what this gives, and a
// test compares.

#include <string>

namespace cim::cli {

/// A script for bash, to be sourced or put where bash-completion looks.
std::string bash_completion();

}  // namespace cim::cli
