// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What paths are to the functions of Windows.

#include <filesystem>
#include <string>

namespace cim {

/// For a function that takes a path: whole, and where it is long in the form `\\?\C:\...`, for
/// which the limit of 260 units does not hold.
std::wstring native_path(const std::filesystem::path& path);

}  // namespace cim
