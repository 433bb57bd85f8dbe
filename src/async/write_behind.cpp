// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Two threads: one writes, and a second one flushes, so that writing continues during a flush. The
// order of writes is kept because an object that is discarded is overwritten by the next one at the
// same place.
#include "async/write_behind.h"

#include <algorithm>
#include <utility>

namespace cim {
namespace {

// Enough to even out short delays on either side. Each may hold some mebibytes.
constexpr std::size_t kMostJobs = 4;

// A flush takes a disk some milliseconds, whatever its size.
constexpr std::uint64_t kSyncSize = std::uint64_t{32} << 20;

}  // namespace

void IncrementalFlush::sync(File& file) {
  worker_.start();
  {
    Worker::Lock lock = worker_.lock();
    worker_.wait(lock, [] { return true; });
    next_ = &file;
  }
  worker_.wake();
}

void IncrementalFlush::drain() {
  Worker::Lock lock = worker_.lock();
  worker_.wait(lock, [this] { return next_ == nullptr && !is_working_; });
}

void IncrementalFlush::sync_next(Worker::Lock& lock) {
  File& file = *std::exchange(next_, nullptr);
  is_working_ = true;
  lock.unlock();
  file.sync();
  lock.lock();
  is_working_ = false;
}

void WriteBehind::write(File& file, std::uint64_t offset, std::vector<SharedBytes> pieces,
                        std::uint64_t writeback_size) {
  worker_.start();
  {
    Worker::Lock lock = worker_.lock();
    worker_.wait(lock, [this] { return jobs_.size() < kMostJobs; });
    jobs_.push_back({&file, offset, std::move(pieces), writeback_size});
  }
  worker_.wake();
}

void WriteBehind::wait_for(const File& file, std::uint64_t end) {
  Worker::Lock lock = worker_.lock();
  worker_.wait(lock, [&] {
    return std::ranges::none_of(
        jobs_, [&](const Job& job) { return job.file == &file && job.offset < end; });
  });
}

void WriteBehind::drain() {
  Worker::Lock lock = worker_.lock();
  worker_.wait(lock, [this] { return jobs_.empty(); });
  syncs_.drain();
}

void WriteBehind::write_first(Worker::Lock& lock) {
  const Job& job = jobs_.front();  // its address does not change while others are added
  lock.unlock();
  carry_out(job);
  lock.lock();
  jobs_.pop_front();
}

void WriteBehind::carry_out(const Job& job) {
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
}

}  // namespace cim
