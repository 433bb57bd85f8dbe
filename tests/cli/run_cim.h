// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Runs the program inside the test and captures its output and exit status.

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "cimlib/error.h"

#include "cli/command_line.h"
#include "cli/console.h"

namespace cim::cli::test {

class StringSink final : public Sink {
 public:
  void write(std::span<const std::byte> bytes) override {
    for (const std::byte b : bytes) {
      text += static_cast<char>(b);
    }
  }

  std::string text;
};

/// Accepts a number of bytes, then fails like a full disk or a closed pipe.
class FailingSink final : public Sink {
 public:
  enum class Fault { kFullDisk, kBrokenPipe };

  explicit FailingSink(Fault fault, std::size_t capacity = 0)
      : fault_(fault), capacity_(capacity) {}

  void write(std::span<const std::byte> bytes) override {
    if (bytes.size() <= capacity_) {
      capacity_ -= bytes.size();
      return;
    }
    if (fault_ == Fault::kBrokenPipe) {
      throw BrokenPipe();
    }
    throw Error(ErrorCode::kNoSpace, "standard output", "cannot write: No space left on device");
  }

 private:
  Fault fault_;
  std::size_t capacity_;
};

/// The output and the exit status of a run.
struct Outcome {
  int status = 0;
  std::string output;
  std::string errors;
};

struct Terminals {
  Terminal output{};
  Terminal errors{};
};

inline Outcome run_cim(const std::vector<std::string>& arguments, const Terminals& terminals = {}) {
  StringSink output;
  StringSink errors;
  Outcome outcome;
  outcome.status = run(arguments, Environment{.output = output,
                                              .errors = errors,
                                              .output_terminal = terminals.output,
                                              .errors_terminal = terminals.errors});
  outcome.output = output.text;
  outcome.errors = errors.text;
  return outcome;
}

/// Runs the program with another sink as standard output, such as one that fails.
inline Outcome run_cim_into(Sink& output, const std::vector<std::string>& arguments) {
  StringSink errors;
  Outcome outcome;
  outcome.status =
      run(arguments,
          Environment{
              .output = output, .errors = errors, .output_terminal = {}, .errors_terminal = {}});
  outcome.errors = errors.text;
  return outcome;
}

}  // namespace cim::cli::test
