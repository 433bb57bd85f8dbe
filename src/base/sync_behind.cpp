// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/sync_behind.h"

#include <utility>

namespace cim {

SyncBehind::~SyncBehind() {
  if (!thread_.joinable()) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  work_came_.notify_one();
  thread_.join();
}

void SyncBehind::rethrow_failure() const {
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void SyncBehind::sync(File& file) {
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { run(); });
  }
  {
    const std::lock_guard lock(mutex_);
    rethrow_failure();
    next_ = &file;
  }
  work_came_.notify_one();
}

void SyncBehind::drain() {
  std::unique_lock lock(mutex_);
  work_is_done_.wait(lock, [this] { return failure_ || (next_ == nullptr && !is_working_); });
  rethrow_failure();
}

void SyncBehind::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_came_.wait(lock, [this] { return stops_ || (next_ != nullptr && !failure_); });
    if (stops_) {
      return;
    }
    File& file = *std::exchange(next_, nullptr);
    is_working_ = true;
    lock.unlock();
    std::exception_ptr failure;
    try {
      file.sync();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    failure_ = std::move(failure);
    is_working_ = false;
    work_is_done_.notify_one();
  }
}

}  // namespace cim
