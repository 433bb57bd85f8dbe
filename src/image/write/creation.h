// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by everything that creates an image from something else: a directory, a tar, packages, a
// WIM file.

#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>

#include "cimlib/error.h"
#include "cimlib/image_writer.h"
#include "cimlib/progress.h"

namespace cim {

/// Returns the options with a request to stop that ends the wait for the lock.
inline WriterOptions stoppable(WriterOptions options, const std::stop_token& stop) {
  options.lock_timeout.stop = stop;
  return options;
}

/// The progress of creating an image: reports it, and ends the creation if asked to.
class CreationProgress {
 public:
  /// `source` names what is read, in the error after a request to stop. The callback must outlive
  /// this object.
  CreationProgress(std::string source, const ProgressSink& sink, std::stop_token stop)
      : source_(std::move(source)), sink_(sink), stop_(std::move(stop)) {}
  CreationProgress(const CreationProgress&) = delete;
  CreationProgress& operator=(const CreationProgress&) = delete;

  void set_total(std::uint64_t bytes) noexcept { progress_.bytes_total = bytes; }

  /// Starts an entry. Throws kCancelled after a request to stop, as the other functions do.
  void begin(std::string entry) {
    check_stop();
    current_ = std::move(entry);
  }

  void add_bytes(std::uint64_t count) { set_bytes(progress_.bytes_done + count); }

  /// Sets the number of bytes done.
  void set_bytes(std::uint64_t bytes) {
    progress_.bytes_done = bytes;
    report();
    check_stop();
  }

  void end() {
    ++progress_.entries_done;
    report();
  }

  void check_stop() const {
    if (stop_.stop_requested()) {
      throw Error(ErrorCode::kCancelled, source_, "creating the image was cancelled");
    }
  }

  const std::string& current() const noexcept { return current_; }
  std::uint64_t bytes_done() const noexcept { return progress_.bytes_done; }

 private:
  void report() {
    if (sink_) {
      progress_.current = current_;
      sink_(progress_);
    }
  }

  std::string source_;
  const ProgressSink& sink_;
  std::stop_token stop_;
  Progress progress_;
  std::string current_;
};

}  // namespace cim
