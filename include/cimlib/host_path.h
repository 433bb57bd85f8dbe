// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Paths of the host as text. On POSIX a path is bytes; on Windows it is UTF-16, which
// std::filesystem::path makes of a narrow string by the system's code page: not what a path of
// cimlib is written in.

#include <filesystem>
#include <string_view>

#include "cimlib/export.h"

namespace cim {

/// The path that a text in UTF-8 (or WTF-8) means; on POSIX any bytes. On Windows a long path gets
/// the form `\\?\C:\...`, for which the limit of 260 units does not hold. Throws kInvalidArgument
/// for what can be none.
CIM_EXPORT std::filesystem::path host_path(std::string_view text);

/// The same of a name that is a part of a path.
CIM_EXPORT std::filesystem::path host_name(std::string_view text);

}  // namespace cim
