// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Converts the outcome of C++ code to an HRESULT. No exception leaves a function of the C API.

#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "cimlib/cimfs.h"
#include "cimlib/error.h"

namespace cim::capi {

/// Ends a call with a result.
class ResultError final : public std::exception {
 public:
  explicit ResultError(HRESULT result) noexcept : result_(result) {}
  HRESULT result() const noexcept { return result_; }
  const char* what() const noexcept override { return "refused"; }

 private:
  HRESULT result_;
};

[[noreturn]] inline void fail(HRESULT result) {
  throw ResultError(result);
}

/// HRESULT_FROM_WIN32 as a function.
HRESULT from_win32(long code) noexcept;

/// Returns the HRESULT that the comments of cimfs.h promise for this kind of failure.
HRESULT result_of(ErrorCode code) noexcept;

/// Returns the HRESULT for the current exception, and keeps its text for
/// CimlibGetErrorText().
HRESULT result_of_exception() noexcept;

/// Runs the body of a call.
template <typename Body>
HRESULT guarded(Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return S_OK;
  } catch (...) {
    return result_of_exception();
  }
}

/// Runs the body of a call with the text of the last failure on this thread, which a failure of
/// this call does not change.
HRESULT keeping_error_text(const std::function<void(const std::string& text)>& body) noexcept;

/// Checks a pointer to an output parameter: throws E_POINTER if it is null, else clears the target.
template <typename T>
T& out_param(T* pointer) {
  if (pointer == nullptr) {
    fail(E_POINTER);
  }
  *pointer = T{};
  return *pointer;
}

/// Copies a text and its terminating NUL. `length` is its length without the NUL, also if the
/// buffer is too small (ERROR_INSUFFICIENT_BUFFER).
void copy_text(const std::u16string& text, WCHAR* buffer, UINT32 units, UINT32& length);

/// Returns the object of a handle that must be valid; fails with `otherwise` if it is null.
template <typename Pointer>
Pointer require_handle(Pointer object, HRESULT otherwise = E_INVALIDARG) {
  if (object == nullptr) {
    fail(otherwise);
  }
  return object;
}

}  // namespace cim::capi
