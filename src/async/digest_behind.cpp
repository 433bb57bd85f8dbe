// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "async/digest_behind.h"

#include <memory>
#include <utility>

namespace cim {
namespace {

// Large enough that waking the thread costs little compared with the work it then does.
constexpr std::size_t kJobSize = std::size_t{64} << 10;

// Waiting bytes are kept in memory. Above kBusySize the caller should hash objects itself; above
// kMostSize it has to wait.
constexpr std::size_t kBusySize = std::size_t{2} << 20;
constexpr std::size_t kMostSize = std::size_t{6} << 20;

}  // namespace

bool DigestBehind::is_busy() const {
  const Worker::Lock lock = worker_.lock();
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
  worker_.start();
  {
    Worker::Lock lock = worker_.lock();
    worker_.wait(lock, [this] { return waiting_size_ < kMostSize; });
    waiting_size_ += open_.size;
    jobs_.push_back(std::exchange(open_, {}));
  }
  worker_.wake();
}

std::vector<Sha256Digest> DigestBehind::take(std::size_t count) {
  hand_over();
  Worker::Lock lock = worker_.lock();
  worker_.wait(lock, [this, count] { return digests_.size() >= count; });
  return std::exchange(digests_, {});
}

void DigestBehind::hash_first(Worker::Lock& lock) {
  Job& job = jobs_.front();  // its address does not change while others are added
  lock.unlock();
  carry_out(job);
  job.pieces.clear();  // releases the buffers
  lock.lock();
  waiting_size_ -= job.size;
  jobs_.pop_front();
}

void DigestBehind::carry_out(const Job& job) {
  for (const Piece& piece : job.pieces) {
    hash_.update(piece.data.bytes);
    if (piece.ends_object) {
      const Sha256Digest digest = hash_.finish();
      const Worker::Lock lock = worker_.lock();
      digests_.push_back(digest);
    }
  }
}

}  // namespace cim
