// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The table of verbs, and the options that all of them share.

#include <span>
#include <string_view>
#include <vector>

#include "cli/verb.h"

namespace cim::cli {

/// All verbs, in the order in which help shows them.
const std::vector<const Verb*>& all_verbs();

/// Returns the verb of that name, or null.
const Verb* find_verb(std::string_view name);

/// The first word of several verbs, as in "layer import".
struct VerbGroup {
  std::string_view name;
  std::string_view summary;
};
std::span<const VerbGroup> verb_groups();

/// Options that can be given with every verb, before or after it.
struct GlobalOptions {
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};
void declare_global_options(Parameters& parameters, GlobalOptions& options);

/// Options that can be given instead of a verb; --help also after one.
struct HelpFlag {
  std::string_view names;
  std::string_view help;
};
inline constexpr HelpFlag kHelp = {"-h,--help", "show help and exit"};
inline constexpr HelpFlag kVersionFlag = {"--version", "show the version and exit"};

}  // namespace cim::cli
