// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The text of --help.

#include <cstddef>
#include <string>
#include <vector>

#include "cli/verb.h"

namespace cim::cli {

/// Returns the parameters of a verb without the global ones.
std::vector<Parameter> parameters_of(const Verb& verb);
/// Returns the global options that apply to a verb, including --help.
std::vector<Parameter> global_parameters_of(const Verb& verb);
/// Returns all global options, including --help and --version.
std::vector<Parameter> global_parameters();

/// "cim ls [-l] [-R] IMAGE [PATH]".
std::string synopsis(const Verb& verb);

/// "-l, --long" or "--parent DIR".
std::string shown_names(const Parameter& parameter);

/// Returns the help of a parameter with its choices, if it has any.
std::string shown_help(const Parameter& parameter);

/// Returns help for a verb, a group ("layer") or the program, in lines of at most `width` columns.
std::string help_of(const Verb& verb, std::size_t width);
std::string help_of_group(std::string_view group, std::size_t width);
std::string help_of_program(std::size_t width);

}  // namespace cim::cli
