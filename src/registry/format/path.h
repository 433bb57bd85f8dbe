// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Paths of keys and names as callers write them.

#include <string>
#include <string_view>
#include <vector>

namespace cim::registry {

/// The names in a path like "A\B"; none in an empty one. Backslashes at either end mean nothing.
std::vector<std::string_view> split_path(std::string_view path);

/// A name in UTF-16. Throws kInvalidArgument if it is not WTF-8.
std::u16string utf16_name(std::string_view name);

}  // namespace cim::registry
