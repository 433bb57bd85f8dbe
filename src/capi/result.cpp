// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "capi/result.h"

#include <filesystem>
#include <new>

namespace cim::capi {

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
  try {
    throw;
  } catch (const ResultError& error) {
    return error.result();
  } catch (const Error& error) {
    return result_of(error.code());
  } catch (const std::bad_alloc&) {
    return E_OUTOFMEMORY;
  } catch (const std::filesystem::filesystem_error&) {
    return from_win32(ERROR_IO_DEVICE);
  } catch (...) {
    return E_UNEXPECTED;
  }
}

}  // namespace cim::capi
