// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "offreg/result.h"

#include <new>

namespace cim::offreg {

DWORD result_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kIo:
      return ERROR_REGISTRY_IO_FAILED;
    case ErrorCode::kNotFound:
      return ERROR_FILE_NOT_FOUND;
    case ErrorCode::kExists:
      return ERROR_ALREADY_EXISTS;
    case ErrorCode::kCorrupt:
      return ERROR_BADDB;
    case ErrorCode::kUnsupported:
    case ErrorCode::kInvalidArgument:
      return ERROR_INVALID_PARAMETER;
    case ErrorCode::kLimit:
      return ERROR_FILE_TOO_LARGE;
    case ErrorCode::kBusy:
      return ERROR_SHARING_VIOLATION;
    case ErrorCode::kAccessDenied:
      return ERROR_ACCESS_DENIED;
    case ErrorCode::kNoSpace:
      return ERROR_DISK_FULL;
    case ErrorCode::kCancelled:
      return ERROR_OPERATION_ABORTED;
  }
  return ERROR_INTERNAL_ERROR;
}

DWORD result_of_exception() noexcept {
  try {
    throw;
  } catch (const CallError& error) {
    return error.code();
  } catch (const Error& error) {
    return result_of(error.code());
  } catch (const std::bad_alloc&) {
    return ERROR_NOT_ENOUGH_MEMORY;
  } catch (...) {
    return ERROR_INTERNAL_ERROR;
  }
}

}  // namespace cim::offreg
