// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// How long work reports how far it is.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cim {

/// A snapshot of long work.
struct Progress {
  std::uint64_t bytes_done = 0;              ///< of the input, as it is stored (compressed)
  std::optional<std::uint64_t> bytes_total;  ///< of the input; unknown for a pipe
  std::uint64_t entries_done = 0;            ///< files, directories and links finished
  std::string_view current;                  ///< what is being worked on; valid during the call
};

/// Called from the thread that does the work, many times a second at most as often as entries pass;
/// it should return soon. An exception from it stops the work and reaches the caller.
using ProgressSink = std::function<void(const Progress&)>;

/// Told what was odd but not wrong enough to stop: one line, without a newline.
using WarningSink = std::function<void(const std::string&)>;

}  // namespace cim
