// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Files are read in large runs, with the kernel asked to read ahead; pipes are waited for. Each run
// has a buffer of its own from a pool, so that writers can keep it without copying.
#include "tar/source.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "base/thread.h"
#include "os/file.h"
#include "os/input_pipe.h"

namespace cim::tar {
namespace {

// Large enough to make the cost of system calls negligible, small enough for a processor's cache.
constexpr std::size_t kRunSize = std::size_t{512} * 1024;

// A disk that is also being written to responds late, so requests are made early and are large.
constexpr std::uint64_t kAskedAhead = std::uint64_t{32} << 20;
constexpr std::uint64_t kAskedAtOnce = std::uint64_t{8} << 20;

// How far ReadAhead reads ahead: enough to even out short delays on either side; a run is half a
// mebibyte or a whole one.
constexpr std::size_t kRunsAhead = 4;

class FileInput final : public Input {
 public:
  explicit FileInput(File file)
      : Input(file.path().string(), file.size()), file_(std::move(file)) {}

  ByteView next() override {
    buffer_.reset();  // so that the pool can reuse it
    buffer_ = buffers_.take();
    while (asked_ < std::min(bytes_done() + kAskedAhead, *bytes_total())) {
      file_.start_reading(asked_, kAskedAtOnce);
      asked_ += kAskedAtOnce;
    }
    const std::size_t got = file_.read_some_at(bytes_done(), *buffer_);
    count(got);
    return ByteView(*buffer_).first(got);
  }

  std::shared_ptr<const void> owner() const override { return buffer_; }

 private:
  File file_;
  std::uint64_t asked_ = 0;  // end of the range requested from the kernel
  BufferPool buffers_{kRunSize};
  std::shared_ptr<BufferPool::Buffer> buffer_;
};

class PipeInput final : public Input {
 public:
  PipeInput(InputPipe pipe, std::stop_token stop)
      : Input(pipe.name(), pipe.size()), pipe_(std::move(pipe)), stop_(std::move(stop)) {}

  ByteView next() override {
    if (ended_) {
      return {};  // a second read of a terminal would wait for another end of input
    }
    buffer_.reset();
    buffer_ = buffers_.take();
    const std::size_t got = pipe_.read(*buffer_, stop_);
    ended_ = got < buffer_->size();
    count(got);
    return ByteView(*buffer_).first(got);
  }

  std::shared_ptr<const void> owner() const override { return buffer_; }

 private:
  InputPipe pipe_;
  std::stop_token stop_;
  BufferPool buffers_{kRunSize};
  std::shared_ptr<BufferPool::Buffer> buffer_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Input> open_input(const std::filesystem::path& path, std::stop_token stop) {
  if (path == "-") {
    return std::make_unique<PipeInput>(InputPipe::standard_input(), std::move(stop));
  }
  if (auto pipe = InputPipe::open(path)) {
    return std::make_unique<PipeInput>(*std::move(pipe), std::move(stop));
  }
  return std::make_unique<FileInput>(File::open_read(path));
}

ByteView Cursor::take_some(std::uint64_t limit) {
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

ReadAhead::ReadAhead(Source& source, std::stop_source stop)
    : Source(source.name()), source_(source), stop_(std::move(stop)) {
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
    room_came_.wait(lock, [this] { return ended_ || runs_.size() < kRunsAhead; });
    if (ended_) {
      return;
    }
    runs_.push_back(std::move(run));
    run_came_.notify_one();
  }
}

}  // namespace cim::tar
