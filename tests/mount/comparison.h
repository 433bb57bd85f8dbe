// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "cimlib/image.h"

namespace cim::test {

/// Whether extended attributes are compared too: as EROFS names them.
enum class Compared { kBytes, kDescriptorsToo };

/// Compares all below a directory of the host with an image as the library reads it: names, types,
/// sizes, bytes. Of a file at most some megabytes are read, as a damaged size may be of terabytes.
/// Returns how many files could not be read there, which is no difference here.
unsigned compare_with_image(const std::filesystem::path& root, const Image& image,
                            Compared compared);

}  // namespace cim::test
