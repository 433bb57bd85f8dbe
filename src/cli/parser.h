// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Parses a command line by the table of verbs. CLI11 splits it; positional arguments are assigned
// to parameters here, since CLI11 does not support an optional one before a required one.

#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cli/command_table.h"
#include "cli/verb.h"

namespace cim::cli {

/// Help was requested: for a verb, for a group, or for the program if both are empty.
struct HelpWanted {
  const Verb* verb = nullptr;
  std::string group;
};
struct VersionWanted {};

/// A verb with its parameters assigned.
struct Invocation {
  const Verb* verb = nullptr;
  Action action;
  GlobalOptions options;
};

/// Throws UsageError.
std::variant<Invocation, HelpWanted, VersionWanted> parse(
    const std::vector<std::string>& arguments);

}  // namespace cim::cli
