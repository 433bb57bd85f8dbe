// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/source.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "base/thread.h"

namespace cim::tar {

Input::Input(const ByteSource& source, const std::stop_token& stop)
    : Input(open_source(source, BufferPool(kReadSize), stop)) {}

Input::Input(std::unique_ptr<SourceReader> reader)
    : Source(reader->name()), reader_(std::move(reader)) {}

std::shared_ptr<const void> Input::owner() const {
  if (auto owner = reader_->owner()) {
    return owner;
  }
  static constexpr char kNothing = 0;  // the owner owns nothing and is not null
  return {std::shared_ptr<const void>(), &kNothing};
}

ByteView Cursor::take(std::uint64_t limit) {
  if (run_.empty() && limit > 0) {
    run_ = source_.next();
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(limit, run_.size()));
  const ByteView taken = run_.first(size);
  run_ = run_.subspan(size);
  offset_ += size;
  return taken;
}

std::size_t Cursor::read(std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ByteView some = take_some(into.size() - done);
    if (some.empty()) {
      break;
    }
    std::memcpy(into.data() + done, some.data(), some.size());
    done += some.size();
  }
  return done;
}

std::uint64_t Cursor::skip(std::uint64_t size) {
  std::uint64_t done = 0;
  while (done < size) {
    const ByteView some = take_some(size - done);
    if (some.empty()) {
      break;
    }
    done += some.size();
  }
  return done;
}

ReadAhead::ReadAhead(Source& source, std::stop_source stop, std::size_t runs)
    : Source(source.name()), source_(source), stop_(std::move(stop)), most_runs_(runs) {
  thread_ = start_thread([this] { run(); });
}

// The thread may wait in the source, which the stop ends, or for room in the queue.
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

// A failure is delivered after the runs that were read before it, as without a thread.
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
    // The next call of next() invalidates bytes without an owner, so they are copied.
    SharedBytes run = {bytes, source_.owner()};
    if (!run.owner) {
      const auto copy = std::make_shared<const Bytes>(bytes.begin(), bytes.end());
      run = {*copy, copy};
    }
    std::unique_lock lock(mutex_);
    room_came_.wait(lock, [this] { return ended_ || runs_.size() < most_runs_; });
    if (ended_) {
      return;
    }
    runs_.push_back(std::move(run));
    run_came_.notify_one();
  }
}

}  // namespace cim::tar
