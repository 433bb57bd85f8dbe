// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Unpacking the frames of a blob to a file, on as many threads as there are processors.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "async/file_appender.h"
#include "async/shared_bytes.h"
#include "oci/artifact/seek_table.h"
#include "os/crypto.h"

namespace cim::oci {

/// The expected frames of a blob, which are compressed.
struct ExpectedFrames {
  std::vector<Frame> frames;
  std::vector<Sha256Digest> digests;  ///< of the packed bytes of each frame
  std::string subject;                ///< names the blob
};

/// Unpacks the frames of one blob and appends them to a file. A frame is verified before it is
/// unpacked. For one caller.
class FrameUnpacker {
 public:
  /// The file must outlive this object, and is used by nothing else until finish() returned or this
  /// object is destroyed.
  FrameUnpacker(ExpectedFrames expected, FileAppender& file);
  FrameUnpacker(const FrameUnpacker&) = delete;
  FrameUnpacker& operator=(const FrameUnpacker&) = delete;
  /// Discards the frames that were not appended.
  ~FrameUnpacker();

  /// Adds the next frame, which must have an owner. Waits while too many are not appended yet.
  /// Throws kCorrupt for an earlier frame that was wrong, and the error of a write.
  void add(SharedBytes packed);
  /// Waits until all frames are appended. Returns the digest of the plain bytes. Throws as add().
  Sha256Digest finish();

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct Task {
    std::size_t number = 0;
    SharedBytes packed;
  };

  void run() noexcept;
  void carry_out(Lock& lock, const Task& task);
  SharedBytes unpack(const Task& task);
  void append_in_order(Lock& lock);
  void wait_for(Lock& lock, std::size_t most_open);

  ExpectedFrames expected_;
  FileAppender& file_;  // this and hash_ are used by the thread that set is_appending_
  Sha256 hash_;
  BufferPool buffers_{kFrameSize};
  std::mutex mutex_;  // guards all members below but the threads
  std::condition_variable task_came_;
  std::condition_variable frame_is_done_;
  std::deque<Task> tasks_;
  std::map<std::size_t, SharedBytes> unpacked_;  // frames that wait for those before them
  std::size_t added_ = 0;
  std::size_t done_ = 0;  // frames that are appended
  bool is_appending_ = false;
  bool stops_ = false;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

}  // namespace cim::oci
