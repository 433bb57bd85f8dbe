// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Unpacking the frames of a blob to a file, on as many threads as there are processors.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "oci/artifact/frame_packer.h"
#include "oci/artifact/seek_table.h"
#include "os/crypto.h"
#include "os/file.h"

namespace cim::oci {

/// The expected frames of a blob, and the start of the file that they unpack to.
struct ExpectedFrames {
  FrameForm form = FrameForm::kZstd;
  std::vector<Frame> frames;
  std::vector<Sha256Digest> digests;  ///< of the packed bytes of each frame
  Bytes header;                       ///< the first bytes of the file; may be empty
  std::string subject;                ///< names the blob
};

/// Unpacks and writes the frames of one blob. A compressed frame is verified before it is unpacked;
/// the caller verifies the digest of the blob. For one caller.
class FrameUnpacker {
 public:
  /// The file, which must outlive this object, must be empty or a hole.
  FrameUnpacker(ExpectedFrames expected, File& file);
  FrameUnpacker(const FrameUnpacker&) = delete;
  FrameUnpacker& operator=(const FrameUnpacker&) = delete;
  /// Discards the frames that were not written.
  ~FrameUnpacker();

  /// Adds the next frame. Waits while too many are not written yet. Throws kCorrupt for an earlier
  /// frame that was wrong, and the error of a write.
  void add(Bytes packed);
  /// Waits until everything is written. Returns the digest of the plain bytes if they were packed;
  /// that of a plain blob is the blob's own. Throws as add().
  Sha256Digest finish();

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct Task {
    std::size_t number = 0;
    Bytes packed;
  };

  std::size_t most_threads() const;
  void run() noexcept;
  void carry_out(Lock& lock, Task task);
  ByteView unpack(const Task& task, Bytes& buffer) const;
  void write(std::size_t number, ByteView plain);
  void hash_in_order(Lock& lock);
  void wait_for(Lock& lock, std::size_t most_open);

  ExpectedFrames expected_;
  File& file_;
  std::mutex mutex_;  // guards all members below but the threads
  std::condition_variable task_came_;
  std::condition_variable frame_is_done_;
  std::deque<Task> tasks_;
  std::map<std::size_t, Bytes> unhashed_;  // frames that wait for those before them
  std::vector<Bytes> spare_;               // buffers to use again
  std::size_t added_ = 0;
  std::size_t done_ = 0;  // frames that are written, and hashed if they must be
  bool is_hashing_ = false;
  Sha256 hash_;
  bool stops_ = false;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

}  // namespace cim::oci
