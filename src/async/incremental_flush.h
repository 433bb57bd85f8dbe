// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Flushing a file to disk in a separate thread while more is written to it.

#include "async/worker.h"
#include "os/file.h"

namespace cim {

/// Spreads the flushing of a large file over the time it is written. A single flush at the end
/// would have to wait for all of it, since the disk's cache still holds what the kernel wrote long
/// before. For one caller; the thread starts with the first sync().
class IncrementalFlush {
 public:
  /// The destructor discards a flush that has not begun.
  IncrementalFlush() = default;

  /// Starts flushing what was written to the file so far. Replaces an earlier call that has not
  /// begun yet; the caller must sync the file at the end. The file must remain open until drain()
  /// has returned or this object is destroyed. Throws the error that an earlier flush failed with.
  void sync(File& file);

  /// Waits until no flush is in progress. Throws the error that a flush failed with, which the
  /// system reports only once.
  void drain();

 private:
  void sync_next(Worker::Lock& lock);

  File* next_ = nullptr;
  bool is_working_ = false;
  Worker worker_{[this] { return next_ != nullptr; }, [this](auto& lock) { sync_next(lock); }};
};

}  // namespace cim
