// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checks the filesystem file, which has nothing but a header.

#include <filesystem>
#include <optional>

#include "format/header.h"
#include "image/check/findings.h"

namespace cim::image_check {

/// Reads the filesystem file. Throws if it is not a filesystem file at all or has an unknown
/// version; returns nullopt if the header is too damaged to continue.
std::optional<format::FilesystemHeader> check_filesystem_file(const std::filesystem::path& image,
                                                              Findings& findings);

}  // namespace cim::image_check
