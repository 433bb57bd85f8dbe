// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// How far long work is, as one line on the terminal that keeps changing.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "cimlib/progress.h"

#include "cli/console.h"

namespace cim::cli {

/// Shows itself where standard error is a terminal, at most ten times a second, and is gone from
/// there when it goes out of scope. The console must outlive it.
class ProgressBar {
 public:
  /// `what` is being done, as in "importing".
  ProgressBar(Console& console, std::string_view what);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { console_.clear_status(); }

  void update(const Progress& progress);

  /// Calls update(); empty where nothing would be shown. Must not outlive the bar.
  ProgressSink sink();

 private:
  using Clock = std::chrono::steady_clock;

  Console& console_;
  std::string what_;
  Clock::time_point start_;
  std::optional<Clock::time_point> shown_;
};

/// The line for a moment: as much of bar, share, bytes, rate, entries and time left as is known and
/// fits the terminal, in ASCII unless the terminal takes UTF-8.
std::string progress_line(std::string_view what, const Progress& progress,
                          std::chrono::duration<double> elapsed, const Terminal& terminal);

}  // namespace cim::cli
