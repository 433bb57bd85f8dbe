// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What --help says.

#include <cstddef>
#include <string>
#include <vector>

#include "cli/verb.h"

namespace cim::cli {

/// The parameters of a verb by themselves, without the global ones.
std::vector<Parameter> parameters_of(const Verb& verb);
/// The global options that make sense with a verb, --help included.
std::vector<Parameter> global_parameters_of(const Verb& verb);
/// All global options, --help and --version included.
std::vector<Parameter> global_parameters();

/// "cim ls [-l] [-R] IMAGE [PATH]".
std::string synopsis(const Verb& verb);

/// "-l, --long" or "--parent DIR".
std::string shown_names(const Parameter& parameter);

/// The help with a phrase on the choices, if there are any.
std::string shown_help(const Parameter& parameter);

/// Help for a verb, for a group ("layer"), and for the program; lines of at most `width` columns.
std::string help_of(const Verb& verb, std::size_t width);
std::string help_of_group(std::string_view group, std::size_t width);
std::string help_of_program(std::size_t width);

}  // namespace cim::cli
