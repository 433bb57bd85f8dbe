// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The verbs, each defined in the file that bears its name.

#include <span>

#include "cli/verb.h"

namespace cim::cli {

extern const Verb kHelpVerb;

/// The verbs that mount; none where cimlib is built without the mount server.
std::span<const Verb* const> mount_verbs();

}  // namespace cim::cli
