// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing in a thread of its own, so that whoever makes bytes need not wait until they are written.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "async/incremental_flush.h"
#include "async/shared_bytes.h"
#include "async/worker.h"
#include "os/file.h"

namespace cim {

/// Writes happen in the order in which they were asked for; a few at most wait, so that the memory
/// that they hold is bounded. For one caller; the thread starts with the first write.
class WriteBehind {
 public:
  /// What was not written when it goes is left out.
  WriteBehind() = default;

  /// Writes pieces, which have owners, one behind the other from `offset` on. The file must stay
  /// until drain() has returned or this object is gone. If `writeback_size` is not 0, the kernel
  /// then starts to write that many bytes to disk, up to the end of these; after some mebibytes of
  /// that, the disk has to have written them as well. Throws what an earlier write failed with.
  void write(File& file, std::uint64_t offset, std::vector<SharedBytes> pieces,
             std::uint64_t writeback_size);

  /// Waits until what the file gets before `end` is written, so that it can be read. Throws as
  /// write().
  void wait_for(const File& file, std::uint64_t end);

  /// Waits until all is written, which does not mean that it is on disk. Throws what a write failed
  /// with.
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
  std::uint64_t unsynced_size_ = 0;  // the thread's
  Worker worker_{[this] { return !jobs_.empty(); }, [this](auto& lock) { write_first(lock); }};
};

}  // namespace cim
