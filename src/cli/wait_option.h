// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The option --wait of verbs that write to a directory of images that other processes may be using.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "cli/verb.h"

namespace cim::cli {

inline void wait_option(Parameters& parameters, std::optional<std::uint64_t>& seconds) {
  parameters.option("--wait", "SECONDS",
                    "wait this long for other processes that use the directory before failing",
                    &seconds);
}

/// Returns the verb's default if the option was not given.
inline std::chrono::milliseconds lock_timeout(std::optional<std::uint64_t> seconds,
                                              std::chrono::milliseconds otherwise = {}) {
  constexpr std::uint64_t kMost = 1'000'000'000;  // more than 30 years, without overflow
  return seconds ? std::chrono::seconds(std::min(*seconds, kMost)) : otherwise;
}

}  // namespace cim::cli
