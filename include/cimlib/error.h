// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The one family of exceptions of cimlib. Every failure of the library is a cim::Error; what is
// merely "not there" on a look-up is an empty std::optional instead.
//
//   try {
//     cim::Image image("layers/7.cim");
//   } catch (const cim::Error& error) {
//     if (error.code() == cim::ErrorCode::kNotFound) ...
//     std::cerr << error.what();   // "layers/7.cim: no such file"
//   }

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "cimlib/export.h"

namespace cim {

/// What a caller can act on; the text of an Error says the rest.
enum class ErrorCode {
  kIo,               ///< the system failed to read, write, flush or rename
  kNotFound,         ///< a file, directory, stream or name is not there
  kExists,           ///< something is there that must not be
  kCorrupt,          ///< input breaks its format
  kUnsupported,      ///< input is sound but of a kind that cimlib does not handle
  kInvalidArgument,  ///< the caller asked for something that cannot be
  kLimit,            ///< a limit of the format or of this library is exceeded
  kBusy,             ///< somebody else is using it; trying again may help
  kAccessDenied,     ///< not permitted
  kNoSpace,          ///< the disk or the quota is full
  kCancelled,        ///< the caller asked to stop
};

/// Name of a code for programs, as in "not-found"; valid for ever.
CIM_EXPORT std::string_view to_string(ErrorCode code) noexcept;

/// A failure: what can be acted on (code), what it is about (subject: a host path, or a path inside
/// an image, in WTF-8), where in it (offset in bytes, if that means anything), and why (reason).
class CIM_EXPORT Error : public std::exception {
 public:
  Error(ErrorCode code, std::string subject, std::string reason,
        std::optional<std::uint64_t> offset = std::nullopt);

  ErrorCode code() const noexcept { return code_; }
  const std::string& subject() const noexcept { return subject_; }
  const std::string& reason() const noexcept { return reason_; }
  std::optional<std::uint64_t> offset() const noexcept { return offset_; }

  /// One line: "SUBJECT: REASON" or "SUBJECT: at byte OFFSET: REASON".
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  ErrorCode code_;
  std::string subject_;
  std::string reason_;
  std::optional<std::uint64_t> offset_;
  std::string text_;
};

}  // namespace cim
