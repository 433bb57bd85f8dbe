// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Text of unknown bytes in error messages.

#include <string>
#include <string_view>

namespace cim::tar {

/// The text as one line can show it: as it is if it is sound UTF-8 without control characters, else
/// everything but printable ASCII as \xNN; cut where it gets too long.
std::string printable(std::string_view text);

}  // namespace cim::tar
