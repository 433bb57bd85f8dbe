// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing in a thread of its own, so that whoever makes bytes need not wait until they are written.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/shared_bytes.h"
#include "base/sync_behind.h"

namespace cim {

/// Writes happen in the order in which they were asked for; a few at most wait, so that the memory
/// that they hold is bounded. For one caller; the thread starts with the first write.
class WriteBehind {
 public:
  WriteBehind() = default;
  WriteBehind(const WriteBehind&) = delete;
  WriteBehind& operator=(const WriteBehind&) = delete;
  /// Leaves out what was not written yet.
  ~WriteBehind();

  /// Writes pieces, which have owners, one behind the other from `offset` on. The file must stay
  /// until drain() has returned or this object is gone. If `writeback_size` is not 0, the kernel
  /// then starts to write that many bytes to disk, up to the end of these; after some mebibytes of
  /// that, the disk has to have written them as well. Throws what an earlier write failed with.
  void write(File& file, std::uint64_t offset, std::vector<SharedBytes> pieces,
             std::uint64_t writeback_size);

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

  void run();
  void carry_out(const Job& job) noexcept;
  void rethrow_failure() const;

  std::mutex mutex_;
  std::condition_variable work_came_;
  std::condition_variable work_is_done_;
  std::deque<Job> jobs_;  // the first is being written
  bool stops_ = false;
  std::exception_ptr failure_;
  SyncBehind syncs_;
  std::uint64_t unsynced_size_ = 0;  // the thread's
  std::thread thread_;
};

}  // namespace cim
