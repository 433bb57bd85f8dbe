// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The only exception type of cimlib. Every failure of the library is a cim::Error. A lookup that
// finds nothing returns an empty std::optional instead.
//
//   try {
//     cim::Image image("layers/7.cim");
//   } catch (const cim::Error& error) {
//     if (error.code() == cim::ErrorCode::kNotFound) ...
//     std::cerr << error.what();   // "layers/7.cim: cannot open: No such file or directory"
//   }
//
// The comments of the other headers name error codes without "ErrorCode::". Any call that allocates
// may also throw std::bad_alloc.

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "cimlib/export.h"

namespace cim {

/// The kind of failure, for a caller that handles some kinds differently.
enum class ErrorCode {
  kIo,               ///< the system failed to read, write, flush or rename
  kNotFound,         ///< a file, directory, stream or name does not exist
  kExists,           ///< something exists that must not
  kCorrupt,          ///< the input violates its format
  kUnsupported,      ///< the input is valid but of a kind that cimlib does not handle
  kInvalidArgument,  ///< an argument is malformed or the request is impossible
  kLimit,            ///< a limit of the format or of this library is exceeded
  kBusy,             ///< another user or process is using it; a retry may succeed
  kAccessDenied,     ///< permission denied
  kNoSpace,          ///< the disk or quota is full
  kCancelled,        ///< the caller requested a stop
};

/// Returns a name for programs, as in "not-found". Names are stable across releases.
CIM_EXPORT std::string_view to_string(ErrorCode code) noexcept;

/// A failure, described by its kind (code), the object concerned (subject: a host path or a path
/// inside an image, in WTF-8), the position in that object (offset in bytes, where it has a
/// meaning) and the cause (reason, a phrase).
class CIM_EXPORT Error : public std::exception {
 public:
  Error(ErrorCode code, std::string subject, std::string reason,
        std::optional<std::uint64_t> offset = std::nullopt);

  /// Return what the constructor was given. The views are valid as long as the error.
  ErrorCode code() const noexcept { return code_; }
  const std::string& subject() const& noexcept { return subject_; }
  const std::string& subject() const&& = delete;
  const std::string& reason() const& noexcept { return reason_; }
  const std::string& reason() const&& = delete;
  std::optional<std::uint64_t> offset() const noexcept { return offset_; }

  /// Returns one line without a newline: "SUBJECT: REASON" or "SUBJECT: at byte OFFSET: REASON".
  /// Valid as long as the error.
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  ErrorCode code_;
  std::string subject_;
  std::string reason_;
  std::optional<std::uint64_t> offset_;
  std::string text_;
};

}  // namespace cim
