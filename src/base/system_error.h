// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The system's error numbers as errors of cimlib.

#include <string>
#include <string_view>

#include "cimlib/error.h"

namespace cim {

/// "SUBJECT: cannot WHAT: MESSAGE OF THE SYSTEM" with the code that fits; `error_number` is an
/// errno.
[[noreturn]] void throw_system_error(int error_number, std::string subject, std::string_view what);

/// The code that stands for an errno.
ErrorCode code_of_errno(int error_number) noexcept;

}  // namespace cim
