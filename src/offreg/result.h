// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Converts the outcome of C++ code to a Win32 error code. No exception leaves an exported function.

#include <exception>
#include <utility>

#include "cimlib/error.h"

#include "offreg/offreg.h"

namespace cim::offreg {

/// Ends a call with a result.
class CallError final : public std::exception {
 public:
  explicit CallError(DWORD code) noexcept : code_(code) {}
  DWORD code() const noexcept { return code_; }
  const char* what() const noexcept override { return "refused"; }

 private:
  DWORD code_;
};

[[noreturn]] inline void fail(DWORD code) {
  throw CallError(code);
}

DWORD result_of(ErrorCode code) noexcept;

/// Returns the code for the current exception.
DWORD result_of_exception() noexcept;

/// Runs the body of a call.
template <typename Body>
DWORD guarded(Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return ERROR_SUCCESS;
  } catch (...) {
    return result_of_exception();
  }
}

/// Runs a check of the library; ERROR_INVALID_PARAMETER if it rejects the argument.
template <typename Check>
decltype(auto) argument(Check&& check) {
  try {
    return std::forward<Check>(check)();
  } catch (const Error&) {
    fail(ERROR_INVALID_PARAMETER);
  }
}

/// Checks a pointer to an output parameter: fails if it is null, else clears the target.
template <typename T>
T& out_param(T* pointer) {
  if (pointer == nullptr) {
    fail(ERROR_INVALID_PARAMETER);
  }
  *pointer = T{};
  return *pointer;
}

/// Sets an output parameter that may be null.
template <typename T, typename Value>
void put(T* pointer, const Value& value) {
  if (pointer != nullptr) {
    *pointer = static_cast<T>(value);
  }
}

}  // namespace cim::offreg
