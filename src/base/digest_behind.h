// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// SHA-256 in a thread of its own, for whoever needs the digests only later.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/sha256.h"
#include "base/shared_bytes.h"

namespace cim {

/// Hashes objects one after the other, while a few mebibytes of them at most wait. For one caller;
/// the thread starts with the first object.
class DigestBehind {
 public:
  DigestBehind() = default;
  DigestBehind(const DigestBehind&) = delete;
  DigestBehind& operator=(const DigestBehind&) = delete;
  /// Leaves out what was not hashed yet.
  ~DigestBehind();

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
  void run();
  void carry_out(const Job& job) noexcept;
  void rethrow_failure() const;

  Job open_;

  mutable std::mutex mutex_;
  std::condition_variable work_came_;
  std::condition_variable work_is_done_;
  std::deque<Job> jobs_;  // the first is being hashed
  std::size_t waiting_size_ = 0;
  std::vector<Sha256Digest> digests_;
  bool stops_ = false;
  std::exception_ptr failure_;
  Sha256 hash_;  // the thread's
  std::thread thread_;
};

}  // namespace cim
