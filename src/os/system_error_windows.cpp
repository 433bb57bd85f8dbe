// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <utility>

#include <fmt/format.h>
#include <windows.h>

#include "cimlib/wtf8.h"

#include "os/system_error.h"

namespace cim {
namespace {

// For errors of the C library, which libstdc++ reports for some functions.
ErrorCode code_of_condition(const std::error_code& error) noexcept {
  if (error == std::errc::no_such_file_or_directory) {
    return ErrorCode::kNotFound;
  }
  if (error == std::errc::file_exists || error == std::errc::directory_not_empty) {
    return ErrorCode::kExists;
  }
  if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted) {
    return ErrorCode::kAccessDenied;
  }
  if (error == std::errc::not_a_directory || error == std::errc::invalid_argument) {
    return ErrorCode::kInvalidArgument;
  }
  return error == std::errc::no_space_on_device ? ErrorCode::kNoSpace : ErrorCode::kIo;
}

}  // namespace

// The codes follow what a caller can do about a failure; system_error_posix.cpp has the
// counterpart.
ErrorCode code_of_errno(int error_number) noexcept {
  switch (error_number) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
      return ErrorCode::kNotFound;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
    case ERROR_DIR_NOT_EMPTY:
      return ErrorCode::kExists;
    case ERROR_ACCESS_DENIED:
    case ERROR_WRITE_PROTECT:
    case ERROR_PRIVILEGE_NOT_HELD:
      return ErrorCode::kAccessDenied;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
      return ErrorCode::kNoSpace;
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_BUSY:
    case ERROR_USER_MAPPED_FILE:
      return ErrorCode::kBusy;
    case ERROR_DIRECTORY:
    case ERROR_INVALID_NAME:
    case ERROR_INVALID_PARAMETER:
    case ERROR_BAD_PATHNAME:
      return ErrorCode::kInvalidArgument;
    case ERROR_FILENAME_EXCED_RANGE:
    case ERROR_BUFFER_OVERFLOW:
    case ERROR_FILE_TOO_LARGE:
    case ERROR_TOO_MANY_OPEN_FILES:
    case ERROR_TOO_MANY_LINKS:
      return ErrorCode::kLimit;
    case ERROR_NOT_SUPPORTED:
    case ERROR_INVALID_FUNCTION:
    case ERROR_CALL_NOT_IMPLEMENTED:
      return ErrorCode::kUnsupported;
    default:
      return ErrorCode::kIo;
  }
}

// Returns a phrase without a full stop.
std::string system_message(int error_number) {
  std::array<wchar_t, 512> text{};
  const DWORD length = ::FormatMessageW(
      FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK,
      nullptr, static_cast<DWORD>(error_number), 0, text.data(), text.size(), nullptr);
  std::string message = to_wtf8(std::u16string(text.begin(), text.begin() + length));
  while (message.ends_with(' ') || message.ends_with('.')) {
    message.pop_back();
  }
  return message.empty() ? fmt::format("Windows error {}", error_number) : message;
}

void throw_system_error(int error_number, std::string subject, std::string_view what) {
  throw Error(code_of_errno(error_number), std::move(subject),
              fmt::format("cannot {}: {}", what, system_message(error_number)));
}

void throw_system_error(const std::error_code& error, std::string subject, std::string_view what) {
  if (error.category() == std::system_category()) {
    throw_system_error(error.value(), std::move(subject), what);
  }
  throw Error(code_of_condition(error), std::move(subject),
              fmt::format("cannot {}: {}", what, error.message()));
}

}  // namespace cim
