// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing and flushing in separate threads, so that the caller need not wait until its bytes are
// written, nor, at the end, until all of a large file is on disk.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "async/shared_bytes.h"
#include "async/worker.h"
#include "os/file.h"

namespace cim {

/// Spreads the flushing of a large file over the time it is written. A single flush at the end
/// would have to wait for all of it, since the disk's cache still holds what the kernel wrote long
/// before. For one caller; the thread starts with the first sync().
class IncrementalFlush {
 public:
  /// The destructor discards a flush that has not begun.
  IncrementalFlush() = default;

  /// Starts flushing what was written to the file so far. Replaces an earlier call that has not
  /// begun yet; the caller must sync the file at the end. The file must remain open until drain()
  /// has returned or this object is destroyed. Throws the error that an earlier flush failed with.
  void sync(File& file);

  /// Waits until no flush is in progress. Throws the error that a flush failed with, which the
  /// system reports only once.
  void drain();

 private:
  void sync_next(Worker::Lock& lock);

  File* next_ = nullptr;
  bool is_working_ = false;
  Worker worker_{[this] { return next_ != nullptr; }, [this](auto& lock) { sync_next(lock); }};
};

/// Writes in the order of the calls. Only a few writes wait at a time, which bounds the memory that
/// they hold. For one caller; the thread starts with the first write.
class WriteBehind {
 public:
  /// The destructor discards what has not been written yet.
  WriteBehind() = default;

  /// Writes pieces, which must have owners, contiguously from `offset` on. The file must remain
  /// open until drain() has returned or this object is destroyed. If `writeback_size` is not 0, the
  /// kernel then starts to write that many bytes, up to the end of the last piece, to disk; every
  /// few mebibytes, the disk's cache is flushed as well. Throws the error of an earlier write.
  void write(File& file, std::uint64_t offset, std::vector<SharedBytes> pieces,
             std::uint64_t writeback_size);

  /// Waits until all bytes of the file before `end` are written, so that they can be read. Throws
  /// as write().
  void wait_for(const File& file, std::uint64_t end);

  /// Waits until everything is written, though not necessarily on disk. Throws the error that a
  /// write failed with.
  void drain();

 private:
  struct Job {
    File* file;
    std::uint64_t offset;
    std::vector<SharedBytes> pieces;
    std::uint64_t writeback_size;
  };

  void write_first(Worker::Lock& lock);
  void carry_out(const Job& job);

  std::deque<Job> jobs_;  // the first is being written
  IncrementalFlush syncs_;
  std::uint64_t unsynced_size_ = 0;  // used only by the thread
  Worker worker_{[this] { return !jobs_.empty(); }, [this](auto& lock) { write_first(lock); }};
};

}  // namespace cim
