// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Converts the system's error numbers to cim::Error. One implementation per system
// (system_error_posix.cpp, system_error_windows.cpp).

#include <string>
#include <string_view>
#include <system_error>

#include "cimlib/error.h"

namespace cim {

/// Throws "SUBJECT: cannot WHAT: SYSTEM MESSAGE" with the matching code; `error_number` is an errno
/// or, on Windows, a value of GetLastError().
[[noreturn]] void throw_system_error(int error_number, std::string subject, std::string_view what);

/// The same for errors reported by the standard library.
[[noreturn]] void throw_system_error(const std::error_code& error, std::string subject,
                                     std::string_view what);

/// Returns the system's text for an errno or, on Windows, for a value of GetLastError().
std::string system_message(int error_number);

/// Returns the code for an errno or, on Windows, for a value of GetLastError().
ErrorCode code_of_errno(int error_number) noexcept;

}  // namespace cim
