// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A minimal importer: applies a layer's tar, entry by entry in order, to a fork of the parent's
// image, as hcsshim does, but without hives. Also lists the entries of a tar, one per line.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cimlib/image_path.h"

namespace cim::test {

/// Writes the image `image`, on top of `parent` if there is one.
void apply_tar(const std::string& tar, const std::filesystem::path& image,
               const std::optional<std::filesystem::path>& parent);

/// "dir Files", "file Files/a", "link Files/b > Files/a", "point Files/l", "stream Files/a:s",
/// "gone Files/x".
std::vector<std::string> lines_of(const std::string& tar);

/// Returns the bytes of a file of a tar, or "(none)".
std::string bytes_in(const std::string& tar, std::string_view path);

}  // namespace cim::test
