// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The part of the verb `files` that answers which images need a file.

#include <filesystem>
#include <string>

#include "cli/console.h"

namespace cim::cli {

/// Returns true for a directory and for a file that is named like a region or object id file.
bool has_file_uses(const std::filesystem::path& path);

/// Prints the images that need each file of a directory, or the one file; returns the exit status,
/// which is kFailure if a file is missing.
int show_file_uses(const std::filesystem::path& path, Console& console);

}  // namespace cim::cli
