// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/retries.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "os/crypto.h"

namespace cim::oci {
namespace {

constexpr std::chrono::milliseconds kFirstPause{500};
constexpr std::chrono::milliseconds kLongestPause{15'000};
constexpr std::chrono::seconds kLongestRequestedPause{60};

// Returns after the time, or when a stop is requested.
void pause_for(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

// Between half of the pause and all of it, so that clients that failed together do not return
// together.
std::chrono::milliseconds Retries::next_pause() const {
  constexpr unsigned kMostDoublings = 8;
  const auto longest =
      std::min(kFirstPause * (1U << std::min(used_, kMostDoublings)), kLongestPause);
  std::array<std::byte, 1> random{};
  fill_with_random(random);
  return longest / 2 + longest / 2 * std::to_integer<int>(random[0]) / 255;
}

void Retries::wait(const TemporaryFailure& failure, const std::stop_token& stop) {
  const auto asked = failure.retry_after();
  if (asked && *asked > kLongestRequestedPause) {
    throw Error(
        ErrorCode::kIo, failure.subject(),
        fmt::format("{}; it asks to be left alone for {} s", failure.reason(), asked->count()));
  }
  if (used_ == options_.retries) {
    throw Error(ErrorCode::kIo, failure.subject(),
                used_ == 0 ? failure.reason()
                           : fmt::format("{} (after {} attempts)", failure.reason(), used_ + 1));
  }
  const auto pause = asked ? std::chrono::milliseconds(*asked) : next_pause();
  ++used_;
  if (options_.warning) {
    options_.warning(fmt::format("{}: {}; trying again", failure.subject(), failure.reason()));
  }
  pause_for(pause, stop);
  if (stop.stop_requested()) {
    throw Error(ErrorCode::kCancelled, failure.subject(), "cancelled while waiting to try again");
  }
}

}  // namespace cim::oci
