// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Where an image may be that is created from a directory.

#include <filesystem>

namespace cim {

/// Throws kInvalidArgument if an image would be inside the directory that it is created from, and
/// so would be read while it is written. Neither needs to exist.
void require_outside(const std::filesystem::path& image, const std::filesystem::path& directory);

}  // namespace cim
