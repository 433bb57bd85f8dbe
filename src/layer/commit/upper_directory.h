// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace cim::layer {

/// Returns the upper directory itself, given that or the directory of a writable mount, in which it
/// is named `upper`. Throws kNotFound if it is not a directory, kBusy while an overlay uses it.
std::filesystem::path unmounted_upper_directory(const std::filesystem::path& given);

}  // namespace cim::layer
