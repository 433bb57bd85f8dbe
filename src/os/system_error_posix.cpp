// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "os/system_error.h"

namespace cim {

// The codes follow what a caller can do about a failure: wait, free space, change a path or a
// limit.
ErrorCode code_of_errno(int error_number) noexcept {
  switch (error_number) {
    case ENOENT:
      return ErrorCode::kNotFound;
    case EEXIST:
    case ENOTEMPTY:
      return ErrorCode::kExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::kAccessDenied;
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::kNoSpace;
    case EBUSY:
    case ETXTBSY:
    case EAGAIN:
      return ErrorCode::kBusy;
    case ENOTDIR:
    case EISDIR:
    case EINVAL:
    case ELOOP:
      return ErrorCode::kInvalidArgument;
    case ENAMETOOLONG:
    case EFBIG:
    case EMFILE:
    case ENFILE:
      return ErrorCode::kLimit;
    case ENOTSUP:
    case ENOSYS:
      return ErrorCode::kUnsupported;
    default:
      return ErrorCode::kIo;
  }
}

std::string system_message(int error_number) {
  return std::generic_category().message(error_number);
}

void throw_system_error(int error_number, std::string subject, std::string_view what) {
  throw Error(code_of_errno(error_number), std::move(subject),
              fmt::format("cannot {}: {}", what, system_message(error_number)));
}

void throw_system_error(const std::error_code& error, std::string subject, std::string_view what) {
  throw_system_error(error.value(), std::move(subject), what);
}

}  // namespace cim
