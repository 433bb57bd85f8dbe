// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <limits>

#include "cimlib/filetime.h"

namespace cim {

/// Returns a time as system calls take it. Where time_t has 32 bits, a time that it cannot hold
/// becomes the nearest that it can.
inline timespec to_timespec(UnixTime time) {
  using Limits = std::numeric_limits<time_t>;
  const std::int64_t seconds = std::clamp<std::int64_t>(time.seconds, Limits::min(), Limits::max());
  return {.tv_sec = static_cast<time_t>(seconds), .tv_nsec = static_cast<long>(time.nanoseconds)};
}

}  // namespace cim
