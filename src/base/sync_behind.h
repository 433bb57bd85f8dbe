// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Having a file put on disk in a thread of its own, while more is written to it.

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "base/file.h"

namespace cim {

/// Whoever writes much and flushes it once at the end waits for all of it then, for a disk's cache
/// keeps what the kernel has written long before. With this little is left for the end. For one
/// caller; the thread starts with the first sync().
class SyncBehind {
 public:
  SyncBehind() = default;
  SyncBehind(const SyncBehind&) = delete;
  SyncBehind& operator=(const SyncBehind&) = delete;
  /// Leaves out what was not begun.
  ~SyncBehind();

  /// Has what was written to the file so far put on disk. If an earlier call waits for its turn
  /// still, this one takes its place: it is for the caller to sync the file in the end. The file
  /// must stay until drain() has returned or this object is gone. Throws what an earlier one failed
  /// with.
  void sync(File& file);

  /// Waits until nothing is under way. Throws what it failed with, which the system tells but once.
  void drain();

 private:
  void run();
  void rethrow_failure() const;

  std::mutex mutex_;
  std::condition_variable work_came_;
  std::condition_variable work_is_done_;
  File* next_ = nullptr;
  bool is_working_ = false;
  bool stops_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace cim
