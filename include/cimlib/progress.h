// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Callbacks for the progress and the warnings of long operations.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cim {

/// The progress of an operation.
struct Progress {
  std::uint64_t bytes_done = 0;              ///< of the input as stored (compressed)
  std::optional<std::uint64_t> bytes_total;  ///< of the input; nullopt if unknown, as for a pipe
  std::uint64_t entries_done = 0;            ///< files, directories and links finished
  std::string_view current;                  ///< current entry or file; valid during the call
};

/// Called repeatedly on the thread that called the operation, which waits for it to return. An
/// exception from it ends the operation and reaches the caller.
using ProgressSink = std::function<void(const Progress&)>;

/// Called with a warning about something odd that is not an error: one line without a newline.
/// Unless a function documents otherwise, called on the thread that called the operation.
using WarningSink = std::function<void(const std::string&)>;

}  // namespace cim
