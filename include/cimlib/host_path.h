// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Paths of the host as text. POSIX paths are bytes. Windows paths are UTF-16, and
// std::filesystem::path decodes narrow strings with the system's code page, whereas cimlib uses
// UTF-8. These functions convert correctly on both.

#include <filesystem>
#include <string_view>

#include "cimlib/export.h"

namespace cim {

/// Returns the path that `text` denotes: UTF-8 or WTF-8 on Windows, any bytes on POSIX. On Windows
/// a long path gets the form `\\?\C:\...`, which is exempt from the limit of 260 units. Throws
/// kInvalidArgument for text that cannot be a path.
CIM_EXPORT std::filesystem::path host_path(std::string_view text);

/// Returns the path that consists of the one name `text`. Unlike host_path() it never adds a
/// prefix. Throws as host_path() does.
CIM_EXPORT std::filesystem::path host_name(std::string_view text);

}  // namespace cim
