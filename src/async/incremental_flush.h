// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Having a file put on disk in a thread of its own, while more is written to it.

#include "async/worker.h"
#include "os/file.h"

namespace cim {

/// Whoever writes much and flushes it once at the end waits for all of it then, for a disk's cache
/// keeps what the kernel has written long before. With this little is left for the end. For one
/// caller; the thread starts with the first sync().
class IncrementalFlush {
 public:
  /// What was not begun when it goes is left out.
  IncrementalFlush() = default;

  /// Has what was written to the file so far put on disk. If an earlier call waits for its turn
  /// still, this one takes its place: it is for the caller to sync the file in the end. The file
  /// must stay until drain() has returned or this object is gone. Throws what an earlier one failed
  /// with.
  void sync(File& file);

  /// Waits until nothing is under way. Throws what it failed with, which the system tells but once.
  void drain();

 private:
  void sync_next(Worker::Lock& lock);

  File* next_ = nullptr;
  bool is_working_ = false;
  Worker worker_{[this] { return next_ != nullptr; }, [this](auto& lock) { sync_next(lock); }};
};

}  // namespace cim
