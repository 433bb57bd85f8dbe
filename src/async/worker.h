// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A thread that works for one caller while that goes on: what those who write, hash or flush behind
// their caller's back have in common.

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace cim {

/// Owns the lock of what the caller and the thread both look at. A failure ends the work: the
/// caller is told of it at its next wait, and at all that follow.
class Worker {
 public:
  using Lock = std::unique_lock<std::mutex>;

  /// Both are called by the thread, with the lock held: `has_work` to learn whether there is some,
  /// and `work` to do a piece of it, without the lock where it takes long. Both must stay callable
  /// until this object is gone.
  Worker(std::function<bool()> has_work, std::function<void(Lock&)> work);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  /// Ends after the piece that is being done, leaving out the rest.
  ~Worker();

  Lock lock() const { return Lock(mutex_); }

  /// Starts the thread unless it runs already; before there is any work, so that none is left where
  /// the system has no thread, which throws what the system says.
  void start();

  /// Tells the thread, without the lock, that there is work.
  void wake() noexcept { work_came_.notify_one(); }

  /// Waits until `is_done`, which is asked with the lock held. Throws what the work failed with.
  template <typename Condition>
  void wait(Lock& lock, Condition is_done) {
    piece_is_done_.wait(lock, [&] { return failure_ || is_done(); });
    if (failure_) {
      std::rethrow_exception(failure_);
    }
  }

 private:
  void run();

  std::function<bool()> has_work_;
  std::function<void(Lock&)> work_;
  mutable std::mutex mutex_;
  std::condition_variable work_came_;
  std::condition_variable piece_is_done_;
  bool stops_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace cim
