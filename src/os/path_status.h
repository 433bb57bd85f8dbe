// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What is at a path of the host, with failures as those of cimlib.

#include <filesystem>

namespace cim {

/// What a path leads to, or file_type::not_found. Throws kAccessDenied, kIo and the like where that
/// can't be known: names that are too long, directories that may not be entered.
std::filesystem::file_status status_of(const std::filesystem::path& path);
/// The same without following a link at its end.
std::filesystem::file_status link_status_of(const std::filesystem::path& path);

/// The path from the root, not otherwise changed. Throws kNotFound and the like where the process
/// has no working directory.
std::filesystem::path absolute_path(const std::filesystem::path& path);
/// The path from the root without links; all of it must be there. Throws kNotFound, kAccessDenied
/// and the like.
std::filesystem::path canonical_path(const std::filesystem::path& path);

}  // namespace cim
