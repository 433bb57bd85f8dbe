// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The manual, generated from the table of verbs. A test compares docs/man with it.

#include <string>

#include "cli/verb.h"

namespace cim::cli {

/// "cim-layer-import" for the verb "layer import".
std::string man_page_name(const Verb& verb);

/// Source for man(7).
std::string man_page_of(const Verb& verb);
std::string man_page_of_program();

}  // namespace cim::cli
