// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Starting threads, with failures as cim::Error.

#include <system_error>
#include <thread>
#include <utility>

#include "cimlib/error.h"

namespace cim {

/// Starts a thread that runs `work`. Throws kLimit if the system has no more.
template <typename Work>
std::thread start_thread(Work&& work) {
  try {
    return std::thread(std::forward<Work>(work));
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::kLimit, "process", "cannot create a thread: " + error.code().message());
  }
}

}  // namespace cim
