// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The lock on a directory that holds images. A process that adds or removes files there takes it:
// exclusively, or shared with others that only add files of their own. Readers need no lock. The
// kernel releases it when the process ends, so a process that was killed leaves no lock.

#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "cimlib/lock.h"

namespace cim {

/// Holds the lock from construction to destruction.
class DirectoryLock {
 public:
  /// Takes the lock, waiting at most `lock_timeout`. Throws kBusy, naming a process that holds it
  /// if known; kNotFound if the directory does not exist or was removed during the wait;
  /// kCancelled, naming the directory; kIo.
  explicit DirectoryLock(const std::filesystem::path& directory,
                         const LockTimeout& lock_timeout = {},
                         LockMode mode = LockMode::kExclusive);
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  /// Releases the lock.
  ~DirectoryLock();

 private:
  int descriptor_;
};

/// The time that DirectoryLock spends on waiting. No system offers a wait for a file lock that ends
/// at a time or at a request to stop, so the lock is polled.
class Wait {
 public:
  /// Starts the timeout.
  explicit Wait(LockTimeout lock_timeout)
      : timeout_(std::move(lock_timeout)), end_(end_of(timeout_.time)) {}

  /// Returns true if the timeout has expired.
  bool is_over() const { return Clock::now() >= end_; }
  /// Returns true if the caller has requested a stop.
  bool is_cancelled() const noexcept { return timeout_.stop.stop_requested(); }
  /// Sleeps until the next poll.
  static void pause() { std::this_thread::sleep_for(std::chrono::milliseconds{20}); }

 private:
  using Clock = std::chrono::steady_clock;

  // Returns the end of a wait, which may be longer than the clock can represent.
  static Clock::time_point end_of(std::chrono::milliseconds time) {
    const auto now = Clock::now();
    const auto most = std::chrono::floor<std::chrono::milliseconds>(Clock::time_point::max() - now);
    return time < most ? now + time : Clock::time_point::max();
  }

  LockTimeout timeout_;
  Clock::time_point end_;
};

}  // namespace cim
