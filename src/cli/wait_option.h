// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The option --wait of verbs that write in a directory of images, where others may be at work.

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

/// Without the option, what a verb has by itself.
inline std::chrono::milliseconds lock_timeout(std::optional<std::uint64_t> seconds,
                                              std::chrono::milliseconds otherwise = {}) {
  constexpr std::uint64_t kMost = 1'000'000'000;  // years, and no number overflows
  return seconds ? std::chrono::seconds(std::min(*seconds, kMost)) : otherwise;
}

}  // namespace cim::cli
