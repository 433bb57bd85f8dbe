// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes in a separate thread, so that the caller does not have to wait.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "async/incremental_flush.h"
#include "async/shared_bytes.h"
#include "async/worker.h"
#include "os/file.h"

namespace cim {

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
