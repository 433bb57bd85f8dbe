// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The part common to all systems: polling for a lock. No system offers a wait that ends at a time
// or at a request to stop.
#include "os/directory_lock.h"

#include <chrono>
#include <thread>
#include <utility>

namespace cim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{20};

// Returns the end of a wait, which may be longer than the clock can represent.
Clock::time_point end_of(std::chrono::milliseconds time) {
  const auto now = Clock::now();
  const auto most = std::chrono::floor<std::chrono::milliseconds>(Clock::time_point::max() - now);
  return time < most ? now + time : Clock::time_point::max();
}

}  // namespace

Wait::Wait(LockTimeout lock_timeout)
    : timeout_(std::move(lock_timeout)), end_(end_of(timeout_.time)) {}

bool Wait::is_over() const {
  return Clock::now() >= end_;
}

void Wait::pause() {
  std::this_thread::sleep_for(kPause);
}

}  // namespace cim
