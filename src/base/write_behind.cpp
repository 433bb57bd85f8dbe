// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/write_behind.h"

#include <utility>

namespace cim {
namespace {

// Enough for either side to be slow for a while. Each may hold some mebibytes.
constexpr std::size_t kMostJobs = 8;

// Disks take some milliseconds for a flush, whatever its size.
constexpr std::uint64_t kSyncSize = std::uint64_t{32} << 20;

}  // namespace

WriteBehind::~WriteBehind() {
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

void WriteBehind::rethrow_failure() const {
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void WriteBehind::write(File& file, std::uint64_t offset, std::vector<SharedBytes> pieces,
                        std::uint64_t writeback_size) {
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { run(); });
  }
  {
    std::unique_lock lock(mutex_);
    work_is_done_.wait(lock, [this] { return failure_ || jobs_.size() < kMostJobs; });
    rethrow_failure();
    jobs_.push_back({&file, offset, std::move(pieces), writeback_size});
  }
  work_came_.notify_one();
}

void WriteBehind::drain() {
  std::unique_lock lock(mutex_);
  work_is_done_.wait(lock, [this] { return failure_ || jobs_.empty(); });
  rethrow_failure();
  syncs_.drain();
}

void WriteBehind::carry_out(const Job& job) noexcept {
  try {
    std::vector<ByteView> views;
    views.reserve(job.pieces.size());
    std::uint64_t end = job.offset;
    for (const SharedBytes& piece : job.pieces) {
      views.push_back(piece.bytes);
      end += piece.bytes.size();
    }
    job.file->write_pieces_at(job.offset, views);
    if (job.writeback_size != 0) {
      job.file->start_writeback(end - job.writeback_size, job.writeback_size);
      unsynced_size_ += job.writeback_size;
    }
    if (unsynced_size_ >= kSyncSize) {
      syncs_.sync(*job.file);
      unsynced_size_ = 0;
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
}

// After a failure nothing more is written: the caller learns of it at its next call.
void WriteBehind::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_came_.wait(lock, [this] { return stops_ || (!jobs_.empty() && !failure_); });
    if (stops_) {
      return;
    }
    const Job& job = jobs_.front();  // stays where it is while others are added
    lock.unlock();
    carry_out(job);
    lock.lock();
    jobs_.pop_front();
    work_is_done_.notify_one();
  }
}

}  // namespace cim
