// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reads a command line by the table of verbs. CLI11 does the splitting; which words are positional
// arguments of which name is decided here, since CLI11 can't have one that may be left out in front
// of one that may not.

#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cli/command_table.h"
#include "cli/verb.h"

namespace cim::cli {

/// The user asked for help: on a verb, on a group, or on the program if both are empty.
struct HelpWanted {
  const Verb* verb = nullptr;
  std::string group;
};
struct VersionWanted {};

/// A verb with its parameters filled.
struct Invocation {
  const Verb* verb = nullptr;
  Action action;
  GlobalOptions options;
};

/// Throws UsageError.
std::variant<Invocation, HelpWanted, VersionWanted> parse(
    const std::vector<std::string>& arguments);

}  // namespace cim::cli
