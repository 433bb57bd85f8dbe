// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "async/incremental_flush.h"

#include <utility>

namespace cim {

void IncrementalFlush::sync(File& file) {
  worker_.start();
  {
    Worker::Lock lock = worker_.lock();
    worker_.wait(lock, [] { return true; });
    next_ = &file;
  }
  worker_.wake();
}

void IncrementalFlush::drain() {
  Worker::Lock lock = worker_.lock();
  worker_.wait(lock, [this] { return next_ == nullptr && !is_working_; });
}

void IncrementalFlush::sync_next(Worker::Lock& lock) {
  File& file = *std::exchange(next_, nullptr);
  is_working_ = true;
  lock.unlock();
  file.sync();
  lock.lock();
  is_working_ = false;
}

}  // namespace cim
