// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The one table of verbs, and what all of them share.

#include <span>
#include <string_view>
#include <vector>

#include "cli/verb.h"

namespace cim::cli {

/// All verbs, in the order in which help shows them.
const std::vector<const Verb*>& all_verbs();

/// The verb of that name, or null.
const Verb* find_verb(std::string_view name);

/// A word in front of some verbs, as in "layer import".
struct VerbGroup {
  std::string_view name;
  std::string_view summary;
};
std::span<const VerbGroup> verb_groups();

/// What can be given with every verb, in front of it or behind.
struct GlobalOptions {
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};
void declare_global_options(Parameters& parameters, GlobalOptions& options);

/// What can be given instead of a verb, and --help behind one too.
struct HelpFlag {
  std::string_view names;
  std::string_view help;
};
inline constexpr HelpFlag kHelp = {"-h,--help", "show help and exit"};
inline constexpr HelpFlag kVersionFlag = {"--version", "show the version and exit"};

}  // namespace cim::cli
