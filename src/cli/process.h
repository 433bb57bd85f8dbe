// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The process as the program's environment: its standard streams, terminals and signals.

#include <memory>
#include <string>
#include <vector>

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

/// What the program was called with, its own name first; of main's arguments on POSIX, in UTF-8 on
/// Windows.
std::vector<std::string> program_words(int count, char** words);

}  // namespace cim::cli
