// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The program's description of itself, generated from the table of verbs: the text of --help
// (help_text.cpp), the manual (man_page.cpp) and shell completion (completion_*.cpp). A test
// compares the latter two with docs/man and completion/.

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

/// "cim-layer-import" for the verb "layer import".
std::string man_page_name(const Verb& verb);

/// Source for man(7).
std::string man_page_of(const Verb& verb);
std::string man_page_of_program();

/// Return completion scripts: for bash, to be sourced or installed where bash-completion looks; for
/// zsh, the file _cim of a directory in fpath; for fish, cim.fish of a completions directory.
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace cim::cli
