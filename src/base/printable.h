// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace cim {

/// Returns the text in a form that fits on one line: unchanged if it is valid UTF-8 without control
/// characters, else with everything but printable ASCII as \xNN; truncated if too long.
std::string printable(std::string_view text);

}  // namespace cim
