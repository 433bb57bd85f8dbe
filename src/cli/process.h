// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The process as the program's environment: its standard streams, terminals and signals.

#include <memory>

#include "cli/console.h"

namespace cim::cli {

/// Owns what an Environment refers to. One a process.
class Process {
 public:
  Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  const Environment& environment() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cim::cli
