// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A thread that works for one caller while the caller continues: the common part of writing and
// flushing in the background.

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace cim {

/// Owns the lock for the data that the caller and the thread share. A failure ends the work; the
/// caller's next wait and all later ones throw it.
class Worker {
 public:
  using Lock = std::unique_lock<std::mutex>;

  /// Both functions are called by the thread with the lock held: `has_work` returns whether there
  /// is work, and `work` does one piece of it, releasing the lock while it runs long. Both must
  /// remain callable until this object is destroyed.
  Worker(std::function<bool()> has_work, std::function<void(Lock&)> work);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  /// Returns after the current piece of work is done; discards the rest.
  ~Worker();

  Lock lock() const { return Lock(mutex_); }

  /// Starts the thread unless it is running. Called before any work is added, so that no work is
  /// left undone if the system cannot create a thread. Throws as start_thread().
  void start();

  /// Wakes the thread to look for work. Called without the lock.
  void wake() noexcept { work_came_.notify_one(); }

  /// Waits until `is_done`, called with the lock held, returns true. Throws the error that the work
  /// failed with.
  template <typename Condition>
  void wait(Lock& lock, Condition is_done) {
    piece_is_done_.wait(lock, [&] { return failure_ || is_done(); });
    if (failure_) {
      std::rethrow_exception(failure_);
    }
  }

 private:
  void run();

  // The mutex guards stops_, failure_ and everything that the two functions read or write.
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
