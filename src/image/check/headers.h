// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checks every field of the headers that the files of an image start with.

#include <cstddef>
#include <filesystem>
#include <optional>

#include "format/disk_header.h"
#include "format/header.h"
#include "image/check/findings.h"

namespace cim::image_check {

/// Checks the first 32 bytes of a region or object id file, which are at `spot`. Returns whether
/// the rest can be interpreted.
bool check_common_header(const format::DiskCommonHeader& header, format::FileType type,
                         std::size_t length, const Spot& spot, Findings& findings);

/// Reports reserved bytes at `spot` that are not zero.
void check_reserved(std::uint64_t value, const Spot& spot, Findings& findings);

/// Reads the filesystem file. Throws if it is not a filesystem file at all or has an unknown
/// version; returns nullopt if the header is too damaged to continue.
std::optional<format::FilesystemHeader> check_filesystem_file(const std::filesystem::path& image,
                                                              Findings& findings);

}  // namespace cim::image_check
