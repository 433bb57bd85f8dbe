// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The progress of long work, as one line on the terminal that is updated.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "cimlib/progress.h"

#include "cli/console.h"

namespace cim::cli {

/// Shown if standard error is a terminal, updated at most ten times a second, and cleared by the
/// destructor. The console must outlive it.
class ProgressBar {
 public:
  /// `what` is the work, such as "importing".
  ProgressBar(Console& console, std::string_view what);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { console_.clear_status(); }

  void update(const Progress& progress);

  /// Calls update(); empty if nothing would be shown. Must not outlive the bar.
  ProgressSink sink();

 private:
  using Clock = std::chrono::steady_clock;

  Console& console_;
  std::string what_;
  Clock::time_point start_;
  std::optional<Clock::time_point> shown_;
};

/// Returns the line for one moment: as much of bar, percentage, bytes, rate, entries and time left
/// as is known and fits the terminal, in ASCII unless the terminal supports UTF-8.
std::string progress_line(std::string_view what, const Progress& progress,
                          std::chrono::duration<double> elapsed, const Terminal& terminal);

}  // namespace cim::cli
