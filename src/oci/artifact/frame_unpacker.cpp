// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Frames are unpacked in any order. The file and the digest need them in order: the thread that has
// unpacked the next one appends it and all that wait for it, while the others continue. The file is
// written by a thread of its own.
#include "oci/artifact/frame_unpacker.h"

#include <algorithm>
#include <utility>

#include "base/thread.h"
#include "oci/artifact/frame_packer.h"

namespace cim::oci {
namespace {

constexpr std::size_t kMostThreads = 8;
// Each thread works on one frame while another waits, and some come before the threads are ready.
constexpr std::size_t kMostWaiting = 2;

std::size_t most_threads() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostThreads);
}

}  // namespace

FrameUnpacker::FrameUnpacker(ExpectedFrames expected, FileAppender& file)
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

void FrameUnpacker::add(SharedBytes packed) {
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
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    try {
      carry_out(lock, task);
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

void FrameUnpacker::carry_out(Lock& lock, const Task& task) {
  lock.unlock();
  SharedBytes plain = unpack(task);
  lock.lock();
  unpacked_.emplace(task.number, std::move(plain));
  if (!is_appending_) {
    append_in_order(lock);
  }
}

SharedBytes FrameUnpacker::unpack(const Task& task) {
  const auto buffer = buffers_.take();
  const auto plain = buffer->first(expected_.frames[task.number].plain_size);
  unpack_frame(task.packed.bytes, FrameForm::kZstd, expected_.digests[task.number], plain,
               expected_.subject);
  return {plain, buffer};
}

void FrameUnpacker::append_in_order(Lock& lock) {
  is_appending_ = true;
  for (auto next = unpacked_.find(done_); next != unpacked_.end(); next = unpacked_.find(done_)) {
    const SharedBytes plain = std::move(next->second);
    unpacked_.erase(next);
    lock.unlock();
    hash_.update(plain.bytes);
    file_.append(plain);
    lock.lock();
    ++done_;
    frame_is_done_.notify_one();
  }
  is_appending_ = false;
}

}  // namespace cim::oci
