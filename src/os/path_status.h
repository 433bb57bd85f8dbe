// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The status of host paths, with failures as cim::Error.

#include <filesystem>

namespace cim {

/// Returns the status of a path's target; its type is file_type::not_found if nothing is there.
/// Throws kAccessDenied, kIo and the like if that cannot be determined: names that are too long,
/// directories that may not be entered.
std::filesystem::file_status status_of(const std::filesystem::path& path);
/// As status_of(), but does not follow a symbolic link at the end of the path.
std::filesystem::file_status link_status_of(const std::filesystem::path& path);

/// Makes a path absolute and changes nothing else. Throws kNotFound and the like if the process has
/// no working directory.
std::filesystem::path absolute_path(const std::filesystem::path& path);
/// Makes a path absolute and resolves its links; all of it must exist. Throws kNotFound,
/// kAccessDenied and the like.
std::filesystem::path canonical_path(const std::filesystem::path& path);

}  // namespace cim
