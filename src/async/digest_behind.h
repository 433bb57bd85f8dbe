// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// SHA-256 in a thread of its own, for whoever needs the digests only later.

#include <cstddef>
#include <deque>
#include <vector>

#include "async/shared_bytes.h"
#include "async/worker.h"
#include "os/sha256.h"

namespace cim {

/// Hashes objects one after the other, while a few mebibytes of them at most wait. For one caller;
/// the thread starts with the first object.
class DigestBehind {
 public:
  /// What was not hashed when it goes is left out.
  DigestBehind() = default;

  /// Whether so much waits that a caller who hashes an object itself loses no time.
  bool is_busy() const;

  /// More of an object. Without an owner bytes are copied; others are read some time later. All of
  /// these throw what hashing failed with.
  void update(const SharedBytes& bytes);
  /// Ends the object; the next bytes are another's.
  void finish();
  /// The digests of objects that were finished and not taken yet, in their order: as many as there
  /// are, once they are at least `count`, which so many objects must have been.
  std::vector<Sha256Digest> take(std::size_t count);

 private:
  struct Piece {
    SharedBytes data;
    bool ends_object = false;
  };

  // What goes from thread to thread at a time, of one object or of many.
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
  Sha256 hash_;  // the thread's
  Worker worker_{[this] { return !jobs_.empty(); }, [this](auto& lock) { hash_first(lock); }};
};

}  // namespace cim
