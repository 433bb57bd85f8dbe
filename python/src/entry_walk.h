// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A walk through an image as an iterator. The walk runs on a thread of its own, some hundreds of
// entries ahead, so that it needs neither the GIL nor memory for all entries.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "entry.h"

namespace cim::python {

class EntryWalk {
 public:
  /// An entry that could not be read, and why.
  struct Failure {
    std::string path;
    Error error;
  };
  /// Entries in the order of the walk, and failures in between.
  struct Batch {
    std::vector<Entry> entries;
    std::vector<Failure> failures;
  };

  /// Starts to walk. If `reports_failures`, the walk goes on after an entry that cannot be read.
  EntryWalk(const Image& image, ImagePath from, std::size_t depth, bool reports_failures);
  EntryWalk(const EntryWalk&) = delete;
  EntryWalk& operator=(const EntryWalk&) = delete;
  /// Ends the walk; does not need the GIL.
  ~EntryWalk();

  /// Waits for the next entries for as long as `wait` lets it; nullopt if there were none in that
  /// time. An empty batch is the end. Throws what ended the walk after its last entries were
  /// returned.
  std::optional<Batch> next(std::chrono::milliseconds wait);

  /// The caller's place in a batch.
  Batch current{};
  std::size_t position = 0;

 private:
  void walk(const std::stop_token& stop);
  void fill_batches(Batch& batch, const std::stop_token& stop);
  void push(Batch batch, const std::stop_token& stop);

  Image image_;
  ImagePath from_;
  std::size_t depth_;
  bool reports_failures_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Batch> batches_;
  bool is_done_ = false;
  std::exception_ptr failure_;
  std::jthread thread_;  // last: uses the others
};

}  // namespace cim::python
