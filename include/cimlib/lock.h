// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The lock of a directory with images: how it is held, and how long to wait for it.
//
//   cim::collect_garbage("layers", std::chrono::minutes(1));
//   cim::collect_garbage("layers", {std::chrono::hours(1), stop_source.get_token()});

#include <chrono>
#include <stop_token>
#include <utility>

namespace cim {

/// How a directory is locked while files are added or removed there. Readers take no lock.
enum class LockMode {
  kExclusive,  ///< for one process alone
  kShared,     ///< together with others that only add images of their own and remove nothing
};

/// How long to wait for a lock that another process holds.
struct LockTimeout {
  std::chrono::milliseconds time{};  ///< 0, the default, fails at once with kBusy
  std::stop_token stop{};            ///< ends the wait early, with kCancelled

  LockTimeout() = default;
  template <typename Number, typename Unit>
  // NOLINTNEXTLINE(google-explicit-constructor): a length of time says all that most have to say
  LockTimeout(std::chrono::duration<Number, Unit> how_long, std::stop_token until = {})
      : time(std::chrono::duration_cast<std::chrono::milliseconds>(how_long)),
        stop(std::move(until)) {}
};

}  // namespace cim
