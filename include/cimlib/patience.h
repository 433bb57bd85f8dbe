// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// How long to wait for others who are at work in a directory with images.
//
//   cim::collect_garbage("layers", std::chrono::minutes(1));
//   cim::collect_garbage("layers", {std::chrono::hours(1), stop_source.get_token()});

#include <chrono>
#include <stop_token>
#include <utility>

namespace cim {

struct Patience {
  std::chrono::milliseconds time{};  ///< none at all by default
  std::stop_token stop{};            ///< ends the wait early, with kCancelled

  Patience() = default;
  template <typename Number, typename Unit>
  // NOLINTNEXTLINE(google-explicit-constructor): a length of time says all that most have to say
  Patience(std::chrono::duration<Number, Unit> how_long, std::stop_token until = {})
      : time(std::chrono::duration_cast<std::chrono::milliseconds>(how_long)),
        stop(std::move(until)) {}
};

}  // namespace cim
