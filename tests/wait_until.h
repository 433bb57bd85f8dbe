// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Waiting for a state that a test can only poll.

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include <sys/types.h>

namespace cim::test {

/// Polls the condition until it is true, for at most `limit`. Returns whether it became true.
template <typename Condition>
bool wait_until(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds(5)) {
  constexpr std::chrono::milliseconds kPause{1};
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

/// Waits until a thread of this process sleeps between two attempts at something, such as taking a
/// lock that another thread holds. If the kernel does not show that, waits for `limit`.
inline void wait_until_retrying(pid_t thread,
                                std::chrono::milliseconds limit = std::chrono::milliseconds(500)) {
  const std::string file = "/proc/self/task/" + std::to_string(thread) + "/wchan";
  wait_until(
      [&file] {
        std::string function;
        std::ifstream(file) >> function;
        return function.find("nanosleep") != std::string::npos;
      },
      limit);
}

}  // namespace cim::test
