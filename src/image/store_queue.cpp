// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/store_queue.h"

#include <utility>

namespace cim {
namespace {

// Enough that a wake-up of the other thread costs nothing beside what it then does.
constexpr std::uint64_t kBatchSize = std::uint64_t{256} << 10;
constexpr std::size_t kMostSteps = 512;

// Each keeps one buffer of its owner's, of a mebibyte at most.
constexpr std::size_t kMostBatches = 8;

// Bytes without an owner, from this many on, get one, and are copied only once.
constexpr std::size_t kOwnedSize = std::size_t{16} << 10;

}  // namespace

StoreQueue::~StoreQueue() {
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

void StoreQueue::add(StoredFor whose, ByteView object) {
  push_copy({.kind = StepKind::kAdd, .whose = whose}, object);
}

void StoreQueue::add_none(StoredFor whose) {
  push({.kind = StepKind::kAddNone, .whose = whose});
}

void StoreQueue::start(std::uint64_t size, PeExpansion expansion) {
  push({.kind = StepKind::kStart, .expansion = expansion, .size = size});
}

void StoreQueue::finish(StoredFor whose) {
  push({.kind = StepKind::kFinish, .whose = whose});
}

void StoreQueue::write(const SharedBytes& shared) {
  const ByteView bytes = shared.bytes;
  if (shared.owner == nullptr && bytes.size() < kOwnedSize) {
    return push_copy({.kind = StepKind::kWrite}, bytes);
  }
  if (shared.owner == nullptr) {
    const auto copy = std::make_shared<const Bytes>(bytes.begin(), bytes.end());
    return write({*copy, copy});
  }
  if (open_.owner != shared.owner) {
    if (open_.owner != nullptr) {
      hand_over();
    }
    open_.owner = shared.owner;
  }
  open_.size += bytes.size();
  push({.kind = StepKind::kWrite, .size = bytes.size(), .bytes = bytes.data()});
}

void StoreQueue::push_copy(Step step, ByteView bytes) {
  step.size = bytes.size();
  append(open_.copied, bytes);
  open_.size += bytes.size();
  push(step);
}

void StoreQueue::push(const Step& step) {
  open_.steps.push_back(step);
  if (open_.size >= kBatchSize || open_.steps.size() == kMostSteps) {
    hand_over();
  }
}

void StoreQueue::hand_over() {
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { run(); });
  }
  {
    std::unique_lock lock(mutex_);
    work_is_done_.wait(lock, [this] { return failure_ || batches_.size() < kMostBatches; });
    rethrow_failure();
    batches_.push_back(std::exchange(open_, {}));
  }
  work_came_.notify_one();
}

std::vector<Stored> StoreQueue::take_stored() {
  const std::lock_guard lock(mutex_);
  return std::exchange(stored_, {});
}

void StoreQueue::settle() {
  std::unique_lock lock(mutex_);
  work_is_done_.wait(lock, [this] { return failure_ || batches_.empty(); });
  rethrow_failure();
  lock.unlock();
  carry_out(std::exchange(open_, {}));  // the thread has nothing to do meanwhile
  lock.lock();
  stored_.insert(stored_.end(), new_stored_.begin(), new_stored_.end());
  new_stored_.clear();
}

void StoreQueue::rethrow_failure() const {
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void StoreQueue::carry_out(const Batch& batch) {
  const std::byte* copied = batch.copied.data();
  for (const Step& step : batch.steps) {
    const auto bytes = [&]() -> ByteView {
      const auto size = static_cast<std::size_t>(step.size);
      return {step.bytes != nullptr ? step.bytes : std::exchange(copied, copied + size), size};
    };
    switch (step.kind) {
      case StepKind::kAdd:
        new_stored_.push_back({step.whose, store_.add(RegionType::kMetadata, bytes()), {}});
        break;
      case StepKind::kAddNone:
        new_stored_.push_back({step.whose, {}, {}});
        break;
      case StepKind::kStart:
        data_.start(step.size, step.expansion);
        break;
      case StepKind::kWrite:
        data_.write({bytes(), step.bytes != nullptr ? batch.owner : nullptr});
        break;
      case StepKind::kFinish:
        new_stored_.push_back({step.whose, {}, data_.finish()});
        break;
    }
  }
}

void StoreQueue::carry_out_noting_failure(const Batch& batch) noexcept {
  try {
    carry_out(batch);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
}

// After a failure nothing more is stored: the caller learns of it at its next call.
void StoreQueue::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_came_.wait(lock, [this] { return stops_ || (!batches_.empty() && !failure_); });
    if (stops_) {
      return;
    }
    const Batch& batch = batches_.front();  // stays where it is while others are added
    lock.unlock();
    carry_out_noting_failure(batch);
    lock.lock();
    stored_.insert(stored_.end(), new_stored_.begin(), new_stored_.end());
    new_stored_.clear();
    batches_.pop_front();
    work_is_done_.notify_one();
  }
}

}  // namespace cim
