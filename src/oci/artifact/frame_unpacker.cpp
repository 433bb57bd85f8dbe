// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Frames are unpacked and written in any order. Their digest needs them in order: the thread that
// has unpacked the next one hashes it and all that wait for it, while the others continue.
#include "oci/artifact/frame_unpacker.h"

#include <algorithm>
#include <utility>

#include "cimlib/error.h"

#include "async/shared_bytes.h"
#include "base/thread.h"

namespace cim::oci {
namespace {

constexpr std::size_t kMostThreads = 8;
// Each thread works on one frame while another waits, and some come before the threads are ready.
constexpr std::size_t kMostWaiting = 2;
// The kernel starts to write to disk after each group of frames, not at the end.
constexpr std::size_t kFramesOfWriteback = 16;

bool begins_with(ByteView bytes, ByteView beginning) {
  return bytes.size() >= beginning.size() && equal(bytes.first(beginning.size()), beginning);
}

}  // namespace

FrameUnpacker::FrameUnpacker(ExpectedFrames expected, File& file)
    : expected_(std::move(expected)), file_(file) {}

FrameUnpacker::~FrameUnpacker() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  task_came_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

// Plain frames are only written, and several threads that write to one file wait for each other.
std::size_t FrameUnpacker::most_threads() const {
  return expected_.form == FrameForm::kPlain
             ? 1
             : std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostThreads);
}

void FrameUnpacker::add(Bytes packed) {
  if (threads_.size() < std::min(most_threads(), expected_.frames.size())) {
    threads_.push_back(start_thread([this] { run(); }));
  }
  Lock lock(mutex_);
  wait_for(lock, 2 * most_threads() + kMostWaiting);
  tasks_.push_back({added_++, std::move(packed)});
  lock.unlock();
  task_came_.notify_one();
}

Sha256Digest FrameUnpacker::finish() {
  Lock lock(mutex_);
  wait_for(lock, 0);
  return hash_.finish();
}

void FrameUnpacker::wait_for(Lock& lock, std::size_t most_open) {
  frame_is_done_.wait(lock, [&] { return failure_ || added_ - done_ <= most_open; });
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void FrameUnpacker::run() noexcept {
  Lock lock(mutex_);
  while (true) {
    task_came_.wait(lock, [this] { return stops_ || failure_ || !tasks_.empty(); });
    if (stops_ || failure_) {
      return;
    }
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    try {
      carry_out(lock, std::move(task));
    } catch (...) {
      if (!lock.owns_lock()) {
        lock.lock();
      }
      failure_ = failure_ ? failure_ : std::current_exception();
      task_came_.notify_all();
    }
    frame_is_done_.notify_one();
  }
}

void FrameUnpacker::carry_out(Lock& lock, Task task) {
  Bytes buffer;
  if (!spare_.empty()) {
    buffer = std::move(spare_.back());
    spare_.pop_back();
  }
  lock.unlock();
  const ByteView plain = unpack(task, buffer);
  write(task.number, plain);
  lock.lock();
  if (expected_.form == FrameForm::kPlain) {
    ++done_;
    spare_.push_back(std::move(buffer));
    return;
  }
  unhashed_.emplace(task.number, std::move(buffer));
  if (!is_hashing_) {
    hash_in_order(lock);
  }
}

// A plain frame is not copied, and not hashed either: the digest of the blob is that of all of
// them.
ByteView FrameUnpacker::unpack(const Task& task, Bytes& buffer) const {
  ByteView plain = task.packed;
  if (expected_.form == FrameForm::kZstd) {
    buffer.resize(expected_.frames[task.number].plain_size);
    unpack_frame(task.packed, expected_.form, expected_.digests[task.number], buffer,
                 expected_.subject);
    plain = buffer;
  }
  if (task.number == 0 && !begins_with(plain, expected_.header)) {
    throw Error(ErrorCode::kCorrupt, expected_.subject, "begins with other bytes than stated");
  }
  return plain;
}

// Zeros become a hole.
void FrameUnpacker::write(std::size_t number, ByteView plain) {
  const std::uint64_t offset = std::uint64_t{number} * kFrameSize;
  if (!is_zero(plain)) {
    file_.write_at(offset, plain);
  }
  if (number % kFramesOfWriteback == kFramesOfWriteback - 1) {
    const std::uint64_t size = kFramesOfWriteback * kFrameSize;
    file_.start_writeback(offset + kFrameSize - size, size);
  }
}

void FrameUnpacker::hash_in_order(Lock& lock) {
  is_hashing_ = true;
  for (auto next = unhashed_.find(done_); next != unhashed_.end(); next = unhashed_.find(done_)) {
    Bytes plain = std::move(next->second);
    unhashed_.erase(next);
    lock.unlock();
    hash_.update(plain);
    lock.lock();
    ++done_;
    spare_.push_back(std::move(plain));
    frame_is_done_.notify_one();
  }
  is_hashing_ = false;
}

}  // namespace cim::oci
