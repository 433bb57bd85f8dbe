// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Waiting for a condition that can only be polled.

#include <chrono>

#include "cimlib/lock.h"

namespace cim {

class Wait {
 public:
  /// Starts the timeout.
  explicit Wait(LockTimeout lock_timeout);

  /// True if the timeout has expired.
  bool is_over() const;
  /// True if the caller has requested a stop.
  bool is_cancelled() const noexcept { return timeout_.stop.stop_requested(); }
  /// Sleeps until the next poll.
  static void pause();

 private:
  LockTimeout timeout_;
  std::chrono::steady_clock::time_point end_;
};

}  // namespace cim
