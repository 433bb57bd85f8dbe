// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Every field of the headers that the files of an image start with.

#include <cstddef>
#include <filesystem>
#include <optional>

#include "format/disk_header.h"
#include "format/header.h"
#include "image/check/findings.h"

namespace cim::image_check {

/// Looks at the first 32 bytes of a region or object id file, which lie at `spot`. Returns whether
/// what follows can be understood.
bool check_common_header(const format::DiskCommonHeader& header, format::FileType type,
                         std::size_t length, const Spot& spot, Findings& findings);

/// Reserved bytes ought to be zero; `spot` is where they lie.
void check_reserved(std::uint64_t value, const Spot& spot, Findings& findings);

/// Reads the filesystem file. Throws for a file that is no such thing at all, or of a version that
/// is not known; nothing if the header is too broken to go on.
std::optional<format::FilesystemHeader> check_filesystem_file(const std::filesystem::path& image,
                                                              Findings& findings);

}  // namespace cim::image_check
