// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Paths of keys, and names, as callers write them.

#include <string>
#include <string_view>
#include <vector>

namespace cim::registry {

/// Returns the names in a path such as "A\B"; none for an empty path. Leading and trailing
/// backslashes are ignored.
std::vector<std::string_view> split_path(std::string_view path);

/// Returns a name in UTF-16. Throws kInvalidArgument if it is not WTF-8.
std::u16string utf16_name(std::string_view name);

}  // namespace cim::registry
