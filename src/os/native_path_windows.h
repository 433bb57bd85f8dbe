// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Paths in the form that Windows functions take.

#include <filesystem>
#include <string>

namespace cim {

/// Returns the absolute path for a function that takes one; a long path is in the form
/// `\\?\C:\...`, to which the limit of 260 units does not apply.
std::wstring native_path(const std::filesystem::path& path);

}  // namespace cim
