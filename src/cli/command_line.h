// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Parses a command line by the table of verbs (parser.cpp), runs it, and makes an exit status of
// the outcome (command_line.cpp). CLI11 splits the line; positional arguments are assigned to
// parameters here, since CLI11 does not support an optional one before a required one.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/console.h"
#include "cli/verb.h"

namespace cim::cli {

/// Runs the program with the arguments that follow its name; all output goes to the environment.
/// Never throws.
int run(const std::vector<std::string>& arguments, const Environment& environment) noexcept;

/// Help was requested: for a verb, for a group, or for the program if both are empty.
struct HelpWanted {
  const Verb* verb = nullptr;
  std::string group;
};
struct VersionWanted {
  bool json = false;
};

/// A verb with its parameters assigned.
struct Invocation {
  const Verb* verb = nullptr;
  Action action;
  GlobalOptions options;
};

/// Throws UsageError.
std::variant<Invocation, HelpWanted, VersionWanted> parse(
    const std::vector<std::string>& arguments);

/// Returns a message about a name that is not a verb, with the verbs that were probably meant.
std::string unknown_verb(const std::string& name);

// The program as mount(8) runs it for file systems of type "cim", under the name mount.cim
// (mount_helper.cpp):
//
//   mount.cim IMAGE MOUNTPOINT [-sfnv] [-o OPTIONS] [-t TYPE] [-N NAMESPACE]

/// Returns true if the program was started under that name, with or without a path.
bool is_mount_helper(std::string_view program);

/// Runs `cim mount`; returns an exit status for mount(8): 0, 1 for wrong usage, 32 for failure.
int run_mount_helper(const std::vector<std::string>& arguments,
                     const Environment& environment) noexcept;

/// Translates the arguments to those of `cim`; empty if there is nothing to do. Throws UsageError.
std::vector<std::string> mount_arguments(const std::vector<std::string>& arguments);

}  // namespace cim::cli
