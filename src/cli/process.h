// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The process as the program's environment: its standard streams, terminals and signals.

#include <memory>
#include <string>
#include <vector>

#include "cli/console.h"

namespace cim::cli {

/// Owns what an Environment refers to. One per process.
class Process {
 public:
  /// Must be created first in main. Reserves the descriptors of standard streams that were closed
  /// when the process started, so that no file opened later gets them; writing to such a stream
  /// fails.
  Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  const Environment& environment() const noexcept;

  /// Closes standard output, where a write error may only be reported now. Returns the exit status,
  /// or terminates the process with the signal that interrupted the work, so that a shell stops its
  /// loop.
  int end(int status);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Returns the command line including the program's name: main's arguments on POSIX, where
/// passwords among them are then overwritten, converted to UTF-8 on Windows.
std::vector<std::string> program_words(int count, char** words);

}  // namespace cim::cli
