// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/error.h"

#include <utility>

#include <fmt/format.h>

namespace cim {
namespace {

std::string one_line(const std::string& subject, const std::string& reason,
                     std::optional<std::uint64_t> offset) {
  std::string line;
  if (!subject.empty()) {
    line += subject + ": ";
  }
  if (offset) {
    line += fmt::format("at byte {}: ", *offset);
  }
  return line + reason;
}

}  // namespace

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kNotFound:
      return "not-found";
    case ErrorCode::kExists:
      return "exists";
    case ErrorCode::kCorrupt:
      return "corrupt";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kInvalidArgument:
      return "invalid-argument";
    case ErrorCode::kLimit:
      return "limit";
    case ErrorCode::kBusy:
      return "busy";
    case ErrorCode::kAccessDenied:
      return "access-denied";
    case ErrorCode::kNoSpace:
      return "no-space";
    case ErrorCode::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

Error::Error(ErrorCode code, std::string subject, std::string reason,
             std::optional<std::uint64_t> offset)
    : code_(code),
      subject_(std::move(subject)),
      reason_(std::move(reason)),
      offset_(offset),
      text_(one_line(subject_, reason_, offset_)) {}

}  // namespace cim
