// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// When a failed request is repeated.

#include <chrono>
#include <stop_token>
#include <utility>

#include "cimlib/remote.h"

#include "oci/remote/http.h"

namespace cim::oci {

/// Counts the attempts at one thing.
class Retries {
 public:
  /// `options` must outlive this object.
  explicit Retries(const RemoteOptions& options) : options_(options) {}

  /// Waits until the next attempt. Throws the failure as kIo if there are no more, or if the server
  /// asks for too long a pause; kCancelled.
  void wait(const TemporaryFailure& failure, const std::stop_token& stop);

  /// Grants all attempts again, after progress.
  void reset() noexcept { used_ = 0; }

 private:
  std::chrono::milliseconds next_pause() const;

  const RemoteOptions& options_;
  unsigned used_ = 0;
};

/// Calls `attempt` until it does not throw TemporaryFailure, as often as the options allow.
template <typename Attempt>
auto with_retries(const RemoteOptions& options, const std::stop_token& stop, Attempt&& attempt) {
  Retries retries(options);
  while (true) {
    try {
      return attempt();
    } catch (const TemporaryFailure& failure) {
      retries.wait(failure, stop);
    }
  }
}

}  // namespace cim::oci
