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

#include "base/bytes.h"
#include "base/file.h"

namespace cim {

/// Gives empty buffers and takes full ones, of which there are a few, so memory stays bounded.
/// Writes happen in the order in which they were asked for. For one caller; the thread starts with
/// the first write.
class WriteBehind {
 public:
  /// Capacity of each buffer, in bytes.
  static constexpr std::size_t kBufferSize = std::size_t{1} << 20;

  WriteBehind() = default;
  WriteBehind(const WriteBehind&) = delete;
  WriteBehind& operator=(const WriteBehind&) = delete;
  /// Leaves out what was not written yet.
  ~WriteBehind();

  /// An empty buffer, as soon as there is one. Throws what an earlier write failed with.
  Bytes buffer();

  /// Writes `bytes` at `offset`. The file must stay until drain() has returned or this object is
  /// gone. If `writeback_size` is not 0, the kernel then starts to write that many bytes to disk,
  /// up to the end of these.
  void write(File& file, std::uint64_t offset, Bytes bytes, std::uint64_t writeback_size);

  /// Waits until all is written. Throws what a write failed with.
  void drain();

 private:
  struct Job {
    File* file;
    std::uint64_t offset;
    Bytes bytes;
    std::uint64_t writeback_size;
  };

  void run();
  void carry_out(const Job& job) noexcept;
  void rethrow_failure() const;

  std::mutex mutex_;
  std::condition_variable work_came_;
  std::condition_variable work_is_done_;
  std::vector<Bytes> free_;
  std::size_t buffers_made_ = 0;
  std::deque<Job> jobs_;  // the first is being written
  bool stops_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace cim
