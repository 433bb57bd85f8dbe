// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/read_ahead.h"

#include <utility>

#include "base/thread.h"

namespace cim::tar {
namespace {

// Enough to even out short delays on either side; a run is half a mebibyte or a whole one.
constexpr std::size_t kRunsAhead = 4;

}  // namespace

ReadAhead::ReadAhead(Source& source, std::stop_source stop)
    : Source(source.name()), source_(source), stop_(std::move(stop)) {
  thread_ = start_thread([this] { run(); });
}

ReadAhead::~ReadAhead() {
  stop_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  room_came_.notify_one();
  thread_.join();
}

ByteView ReadAhead::next() {
  current_ = {};
  std::unique_lock lock(mutex_);
  run_came_.wait(lock, [this] { return ended_ || !runs_.empty(); });
  if (!runs_.empty()) {
    current_ = std::move(runs_.front());
    runs_.pop_front();
    room_came_.notify_one();
  } else if (failure_) {
    std::rethrow_exception(failure_);
  }
  return current_.bytes;
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
    SharedBytes run = {bytes, source_.owner()};
    if (!run.owner) {
      const auto copy = std::make_shared<const Bytes>(bytes.begin(), bytes.end());
      run = {*copy, copy};
    }
    std::unique_lock lock(mutex_);
    room_came_.wait(lock, [this] { return ended_ || runs_.size() < kRunsAhead; });
    if (ended_) {
      return;
    }
    runs_.push_back(std::move(run));
    run_came_.notify_one();
  }
}

}  // namespace cim::tar
