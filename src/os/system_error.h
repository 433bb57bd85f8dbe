// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The system's error numbers as errors of cimlib. One implementation per system
// (system_error_posix.cpp, system_error_windows.cpp).

#include <string>
#include <string_view>
#include <system_error>

#include "cimlib/error.h"

namespace cim {

/// "SUBJECT: cannot WHAT: MESSAGE OF THE SYSTEM" with the code that fits; `error_number` is an
/// errno, or on Windows what GetLastError() tells.
[[noreturn]] void throw_system_error(int error_number, std::string subject, std::string_view what);

/// The same of what functions of the standard library tell.
[[noreturn]] void throw_system_error(const std::error_code& error, std::string subject,
                                     std::string_view what);

/// The code that stands for an errno, or on Windows for what GetLastError() tells.
ErrorCode code_of_errno(int error_number) noexcept;

}  // namespace cim
