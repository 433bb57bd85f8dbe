// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Names in packages: percent-encoded UTF-8 with `/` in the archive, plain with `\` in the block
// map.

#include <string>
#include <string_view>

#include "cimlib/image_path.h"

namespace cim::appx {

struct PartName {
  ImagePath path;
  bool is_directory = false;  ///< the name ended with a slash
  std::string text;           ///< as block maps spell it: UTF-8 with `\` between names
};

/// Decodes a name in the archive. Throws kCorrupt, naming `archive`, for names that Windows does
/// not allow or that lead out of the package.
PartName decode_part_name(std::string_view stored, std::string_view archive);

/// Returns the path as block maps spell it.
std::string block_map_name(const ImagePath& path);

/// Returns the path of `below` in the directory `path`.
ImagePath joined_paths(ImagePath path, const ImagePath& below);

/// Returns why Windows does not allow a name of a file; empty if it does.
std::string_view name_fault(std::u16string_view name) noexcept;

}  // namespace cim::appx
