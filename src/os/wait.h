// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Waiting for what only looking tells.

#include <chrono>

#include "cimlib/lock.h"

namespace cim {

class Wait {
 public:
  /// Begins now.
  explicit Wait(LockTimeout lock_timeout);

  /// Whether that long has passed.
  bool is_over() const;
  /// Whether nobody wants it any longer.
  bool is_cancelled() const noexcept { return timeout_.stop.stop_requested(); }
  /// Sleeps for the moment until the next look.
  static void pause();

 private:
  LockTimeout timeout_;
  std::chrono::steady_clock::time_point end_;
};

}  // namespace cim
