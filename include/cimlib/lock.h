// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The lock of a directory with images: its mode, and how long to wait for it.
//
//   cim::collect_garbage("layers", std::chrono::minutes(1));
//   cim::collect_garbage("layers", {std::chrono::hours(1), stop_source.get_token()});

#include <chrono>
#include <stop_token>
#include <utility>

namespace cim {

/// How a directory is locked against other processes while files are added or removed. Readers take
/// no lock.
enum class LockMode {
  kExclusive,  ///< no other process may hold the lock
  kShared,     ///< shared with processes that only add images of their own and remove nothing
};

/// How long to wait for a lock that another process holds. If it is still held after that time, the
/// call throws kBusy.
struct LockTimeout {
  std::chrono::milliseconds time{};  ///< 0, the default, throws kBusy at once
  std::stop_token stop{};            ///< a request to stop ends the wait with kCancelled

  LockTimeout() = default;
  template <typename Number, typename Unit>
  // NOLINTNEXTLINE(google-explicit-constructor): a duration alone suffices for most callers
  LockTimeout(std::chrono::duration<Number, Unit> how_long, std::stop_token until = {})
      : time(std::chrono::duration_cast<std::chrono::milliseconds>(how_long)),
        stop(std::move(until)) {}
};

}  // namespace cim
