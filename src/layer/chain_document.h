// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The content of layerchain.json.

#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace cim::layer {

/// Returns the paths. Throws kCorrupt for anything but an array of different absolute paths or
/// `null`; `subject` names the file in errors.
std::vector<std::filesystem::path> parse_layer_chain(ByteView text, const std::string& subject);

/// Returns the text for absolute paths. Throws kInvalidArgument for a path that is given twice or
/// is not Unicode.
std::string format_layer_chain(const std::vector<std::filesystem::path>& paths);

}  // namespace cim::layer
