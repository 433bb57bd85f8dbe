// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// SHA-256 in a separate thread, for callers that need the digests only later.

#include <cstddef>
#include <deque>
#include <vector>

#include "async/shared_bytes.h"
#include "async/worker.h"
#include "os/crypto.h"

namespace cim {

/// Hashes objects in order; at most a few mebibytes of them wait. For one caller; the thread starts
/// with the first object.
class DigestBehind {
 public:
  /// The destructor discards what has not been hashed yet.
  DigestBehind() = default;

  /// Returns true if enough bytes wait that a caller who hashes an object itself loses no time.
  bool is_busy() const;

  /// Adds bytes to the current object. Bytes without an owner are copied; others are read later.
  /// This function, finish() and take() throw the error that hashing failed with.
  void update(const SharedBytes& bytes);
  /// Ends the current object; the next bytes belong to another.
  void finish();
  /// Waits until at least `count` digests are available, then returns all that are, in the order of
  /// their objects; each is returned once. At least `count` objects must be finished and not yet
  /// taken.
  std::vector<Sha256Digest> take(std::size_t count);

 private:
  struct Piece {
    SharedBytes data;
    bool ends_object = false;
  };

  // The unit passed from the caller to the thread: pieces of one object or of many.
  struct Job {
    std::vector<Piece> pieces;
    std::size_t size = 0;
  };

  void hand_over();
  void hash_first(Worker::Lock& lock);
  void carry_out(const Job& job);

  Job open_;
  std::deque<Job> jobs_;  // the first is being hashed
  std::size_t waiting_size_ = 0;
  std::vector<Sha256Digest> digests_;
  Sha256 hash_;  // used only by the thread
  Worker worker_{[this] { return !jobs_.empty(); }, [this](auto& lock) { hash_first(lock); }};
};

}  // namespace cim
