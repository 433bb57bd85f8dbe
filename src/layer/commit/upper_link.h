// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Symbolic links of an upper directory as links of Windows.

#include <optional>
#include <string>
#include <string_view>

#include "cimlib/image_path.h"

#include "base/bytes.h"

namespace cim::layer {

/// Returns the reparse data of a Windows symbolic link with this target. Throws kUnsupported,
/// naming `link`, if Windows has no such target.
Bytes symlink_to(const std::string& target, const std::string& link);

/// Returns the path in the layer that a link in `directory` leads to, as text. As on Windows, a
/// leading `/` is the root of its drive, and `..` there has no effect. Returns nullopt for a target
/// that cannot be in a layer.
std::optional<ImagePath> path_of_target(const ImagePath& directory, std::string_view target);

}  // namespace cim::layer
