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
  /// Comes first in main: no file that is opened later gets the number of a standard stream that
  /// the process was started without, and what is written to such a stream fails.
  Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  const Environment& environment() const noexcept;

  /// Closes standard output, which may be when the system reports that it could not be written.
  /// Returns the status to exit with, or dies of the signal that interrupted the work, so that a
  /// shell knows and ends its loop.
  int end(int status);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What the program was called with, its own name first; of main's arguments on POSIX, in UTF-8 on
/// Windows.
std::vector<std::string> program_words(int count, char** words);

}  // namespace cim::cli
