// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "capi/result.h"

#include <algorithm>
#include <filesystem>
#include <new>

#include "cimlib/wtf8.h"

namespace cim::capi {
namespace {

thread_local std::string last_text;

void keep_text(const char* text) noexcept {
  try {
    last_text = text;
  } catch (...) {
    last_text.clear();
  }
}

}  // namespace

HRESULT from_win32(long code) noexcept {
  return static_cast<HRESULT>(0x80070000U | (static_cast<unsigned long>(code) & 0xFFFFU));
}

HRESULT result_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kIo:
      return from_win32(ERROR_IO_DEVICE);
    case ErrorCode::kNotFound:
      return from_win32(ERROR_FILE_NOT_FOUND);
    case ErrorCode::kExists:
      return from_win32(ERROR_FILE_EXISTS);
    case ErrorCode::kCorrupt:
      return from_win32(ERROR_FILE_CORRUPT);
    case ErrorCode::kUnsupported:
      return from_win32(ERROR_NOT_SUPPORTED);
    case ErrorCode::kInvalidArgument:
      return E_INVALIDARG;
    case ErrorCode::kLimit:
      return from_win32(ERROR_FILE_TOO_LARGE);
    case ErrorCode::kBusy:
      return from_win32(ERROR_SHARING_VIOLATION);
    case ErrorCode::kAccessDenied:
      return E_ACCESSDENIED;
    case ErrorCode::kNoSpace:
      return from_win32(ERROR_DISK_FULL);
    case ErrorCode::kCancelled:
      return from_win32(ERROR_OPERATION_ABORTED);
  }
  return E_UNEXPECTED;
}

HRESULT result_of_exception() noexcept {
  last_text.clear();
  try {
    throw;
  } catch (const ResultError& error) {
    return error.result();
  } catch (const Error& error) {
    keep_text(error.what());
    return result_of(error.code());
  } catch (const std::bad_alloc&) {
    return E_OUTOFMEMORY;
  } catch (const std::filesystem::filesystem_error&) {
    return from_win32(ERROR_IO_DEVICE);
  } catch (...) {
    return E_UNEXPECTED;
  }
}

void copy_text(const std::u16string& text, WCHAR* buffer, UINT32 units, UINT32& length) {
  length = static_cast<UINT32>(text.size());
  if (units <= text.size()) {
    fail(from_win32(ERROR_INSUFFICIENT_BUFFER));
  }
  if (buffer == nullptr) {
    fail(E_POINTER);
  }
  std::copy_n(text.c_str(), text.size() + 1, buffer);
}

HRESULT keeping_error_text(const std::function<void(const std::string& text)>& body) noexcept {
  std::string text;
  text.swap(last_text);
  const HRESULT result = guarded([&] { body(text); });
  last_text.swap(text);
  return result;
}

}  // namespace cim::capi

// NOLINTNEXTLINE(readability-identifier-naming): in the manner of Windows.
HRESULT WINAPI CimlibGetErrorText(WCHAR* buffer, UINT32 bufferUnits, UINT32* length) {
  using namespace cim::capi;
  return keeping_error_text([&](const std::string& text) {
    copy_text(cim::to_utf16(text).value_or(std::u16string()), buffer, bufferUnits,
              out_param(length));
  });
}
