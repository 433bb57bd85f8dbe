// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/read_ahead.h"

#include <utility>

namespace cim::tar {
namespace {

// Enough for either side to be slow for a while; a run has half a mebibyte or a whole.
constexpr std::size_t kRunsAhead = 4;

}  // namespace

ReadAhead::ReadAhead(Source& source, std::stop_source stop)
    : Source(source.name()), source_(source), stop_(std::move(stop)), free_(kRunsAhead) {
  thread_ = std::thread([this] { run(); });
}

ReadAhead::~ReadAhead() {
  stop_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  run_is_free_.notify_one();
  thread_.join();
}

ByteView ReadAhead::next() {
  std::unique_lock lock(mutex_);
  if (current_.capacity() > 0) {
    free_.push_back(std::exchange(current_, {}));
    run_is_free_.notify_one();
  }
  run_came_.wait(lock, [this] { return ended_ || !runs_.empty(); });
  if (!runs_.empty()) {
    current_ = std::move(runs_.front());
    runs_.pop_front();
  } else if (failure_) {
    std::rethrow_exception(failure_);
  }
  return current_;
}

void ReadAhead::run() noexcept {
  std::exception_ptr failure;
  try {
    read_all();
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  failure_ = std::move(failure);
  ended_ = true;
  run_came_.notify_one();
}

void ReadAhead::read_all() {
  for (ByteView bytes = source_.next(); !bytes.empty(); bytes = source_.next()) {
    std::unique_lock lock(mutex_);
    run_is_free_.wait(lock, [this] { return ended_ || !free_.empty(); });
    if (ended_) {
      return;
    }
    Bytes run = std::move(free_.back());
    free_.pop_back();
    lock.unlock();
    run.assign(bytes.begin(), bytes.end());
    lock.lock();
    runs_.push_back(std::move(run));
    run_came_.notify_one();
  }
}

}  // namespace cim::tar
