// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The options of `create` for the security descriptors of files that have none of their own.

#include <optional>
#include <string>

#include "cimlib/create.h"

#include "cli/console.h"
#include "cli/verb.h"

namespace cim::cli {

/// At most one of both may be given.
struct AccessOptions {
  /// "windowsapps", "none", "show" or SDDL: the descriptor at the top, from which everything below
  /// inherits.
  std::optional<std::string> acl;
  /// SDDL of every file and directory, without inheritance.
  std::optional<std::string> sddl;
};

void access_options(Parameters& parameters, AccessOptions& options);

/// Throws UsageError if both options were given.
void refuse_both(const AccessOptions& options);

/// Returns the SDDL at the top that --acl stands for, nullopt for none. `otherwise` is its value if
/// it was not given. Throws UsageError for invalid SDDL, and for a list of which files inherit
/// nothing.
std::optional<std::string> top_sddl(const AccessOptions& options, const std::string& otherwise);

/// Returns the descriptors for an image of a directory. Throws UsageError for invalid SDDL.
DefaultDescriptors default_descriptors(const AccessOptions& options);

/// Prints the descriptors of --acl windowsapps; returns the exit status.
int show_access(Console& console);

}  // namespace cim::cli
