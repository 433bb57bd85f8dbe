// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/digest_behind.h"

#include <memory>
#include <utility>

namespace cim {
namespace {

// Enough that waking the thread costs nothing beside what it then does.
constexpr std::size_t kJobSize = std::size_t{64} << 10;

// From here on the caller had better hash too, and from there on it waits: what waits is kept in
// memory.
constexpr std::size_t kBusySize = std::size_t{2} << 20;
constexpr std::size_t kMostSize = std::size_t{6} << 20;

}  // namespace

DigestBehind::~DigestBehind() {
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

bool DigestBehind::is_busy() const {
  const std::lock_guard lock(mutex_);
  return waiting_size_ >= kBusySize;
}

void DigestBehind::update(const SharedBytes& bytes) {
  if (bytes.owner == nullptr) {
    const auto copy = std::make_shared<const Bytes>(bytes.bytes.begin(), bytes.bytes.end());
    open_.pieces.push_back({{*copy, copy}});
  } else {
    open_.pieces.push_back({bytes});
  }
  open_.size += bytes.bytes.size();
  if (open_.size >= kJobSize) {
    hand_over();
  }
}

void DigestBehind::finish() {
  open_.pieces.push_back({.data = {}, .ends_object = true});
}

void DigestBehind::hand_over() {
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { run(); });
  }
  {
    std::unique_lock lock(mutex_);
    work_is_done_.wait(lock, [this] { return failure_ || waiting_size_ < kMostSize; });
    rethrow_failure();
    waiting_size_ += open_.size;
    jobs_.push_back(std::exchange(open_, {}));
  }
  work_came_.notify_one();
}

std::vector<Sha256Digest> DigestBehind::take(std::size_t count) {
  hand_over();
  std::unique_lock lock(mutex_);
  work_is_done_.wait(lock, [this, count] { return failure_ || digests_.size() >= count; });
  rethrow_failure();
  return std::exchange(digests_, {});
}

void DigestBehind::rethrow_failure() const {
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void DigestBehind::carry_out(const Job& job) noexcept {
  try {
    for (const Piece& piece : job.pieces) {
      hash_.update(piece.data.bytes);
      if (piece.ends_object) {
        const Sha256Digest digest = hash_.finish();
        const std::lock_guard lock(mutex_);
        digests_.push_back(digest);
      }
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
}

// After a failure nothing more is hashed: the caller learns of it at its next call.
void DigestBehind::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_came_.wait(lock, [this] { return stops_ || (!jobs_.empty() && !failure_); });
    if (stops_) {
      return;
    }
    Job& job = jobs_.front();  // stays where it is while others are added
    lock.unlock();
    carry_out(job);
    job.pieces.clear();  // gives the buffers back
    lock.lock();
    waiting_size_ -= job.size;
    jobs_.pop_front();
    work_is_done_.notify_one();
  }
}

}  // namespace cim
