// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// After a failure the thread does no more work but remains until it is stopped, so that the caller
// finds the failure whenever it looks.
#include "async/worker.h"

#include <utility>

#include "base/thread.h"

namespace cim {

Worker::Worker(std::function<bool()> has_work, std::function<void(Lock&)> work)
    : has_work_(std::move(has_work)), work_(std::move(work)) {}

Worker::~Worker() {
  if (!thread_.joinable()) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  wake();
  thread_.join();
}

void Worker::start() {
  if (!thread_.joinable()) {
    thread_ = start_thread([this] { run(); });
  }
}

void Worker::run() {
  Lock lock(mutex_);
  for (;;) {
    work_came_.wait(lock, [this] { return stops_ || (!failure_ && has_work_()); });
    if (stops_) {
      return;
    }
    try {
      work_(lock);
    } catch (...) {
      if (!lock.owns_lock()) {
        lock.lock();
      }
      failure_ = std::current_exception();
    }
    piece_is_done_.notify_one();
  }
}

}  // namespace cim
