// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The program's interface to its surroundings: output, terminal properties, the time, and requests
// to stop. Tests provide their own; main.cpp provides the process's.

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"

namespace cim::cli {

/// Exit statuses; docs/man/cim.1 promises them.
inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;
inline constexpr int kUsage = 2;
/// For verbs with the exit statuses of diff(1).
inline constexpr int kFound = 1;
inline constexpr int kDiffFailure = 2;

/// A destination of bytes.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  /// Writes all of it. Throws cim::Error, or BrokenPipe if the pipe is closed.
  virtual void write(std::span<const std::byte> bytes) = 0;
};

/// The reader of the output has exited, as `head` does; this is not reported.
struct BrokenPipe {};

/// The command line is invalid; the text says why.
struct UsageError {
  std::string text;
  std::string topic{};  ///< the verb or group whose help shows what is valid; empty for the program
};

/// The device that a stream is connected to.
struct Terminal {
  bool is_terminal = false;
  bool is_utf8 = false;    ///< whether the locale's encoding is UTF-8
  std::size_t width = 80;  ///< columns
};

/// The meaning of an interruption (SIGINT, SIGTERM, SIGHUP) for a verb.
enum class Interruption {
  kAborts,  ///< aborts the work: the process cleans up, then terminates itself with the signal
  kEnds,    ///< is the intended way to end the verb, which succeeds
};

/// Provided by the process or a test. The sinks must outlive it.
struct Environment {
  Sink& output;
  Sink& errors;
  Terminal output_terminal{};
  Terminal errors_terminal{};
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
  /// After the first call, an interruption sets the token instead of ending the process; called by
  /// verbs that have something to clean up.
  std::function<std::stop_token(Interruption)> stop_on_interruption = [](Interruption) {
    return std::stop_token();
  };
};

/// How many messages are written to standard error; errors always are.
enum class Verbosity { kQuiet, kNormal, kVerbose };

/// Writes data to standard output and everything else to standard error. For one thread.
class Console {
 public:
  explicit Console(const Environment& environment) : environment_(environment) {}

  const Terminal& output_terminal() const noexcept { return environment_.output_terminal; }
  const Terminal& errors_terminal() const noexcept { return environment_.errors_terminal; }
  std::chrono::steady_clock::time_point now() const { return environment_.now(); }
  std::stop_token stop_on_interruption(Interruption meaning = Interruption::kAborts) {
    return environment_.stop_on_interruption(meaning);
  }

  Verbosity verbosity() const noexcept { return verbosity_; }
  void set_verbosity(Verbosity verbosity) noexcept { verbosity_ = verbosity; }
  /// Returns true if the output is JSON.
  bool json() const noexcept { return json_; }
  void set_json(bool json) noexcept { json_ = json; }

  /// Writes to standard output, through a buffer that flush() empties.
  void write(std::span<const std::byte> bytes);
  void print(std::string_view text);
  template <typename... Arguments>
  void print(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    print(std::string_view(fmt::format(format, std::forward<Arguments>(arguments)...)));
  }
  void flush();

  /// Writes a line to standard error: "cim: TEXT", or a JSON object if the output is JSON.
  void error(std::string_view text);
  /// The same for a failure; the JSON object has its code, subject, offset and reason.
  void error(const Error& failure);
  void error(const UsageError& usage);
  /// The same for a file of an image that could not be read, "cim: PATH: TEXT"; the JSON object has
  /// its path as well. The path may be empty.
  void failure(std::string_view path, const Error& failure);
  /// "cim: warning: TEXT", unless quiet.
  void warn(std::string_view text);
  /// Returns the texts of all warnings so far, if the output is JSON.
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }
  /// "TEXT", unless quiet.
  void inform(std::string_view text);
  /// "TEXT", if verbose.
  void explain(std::string_view text);

  /// Shows a line on the terminal that the next one replaces; every message clears it first. Does
  /// nothing if standard error is not a terminal, or if quiet.
  void show_status(std::string_view line);
  void clear_status();
  bool shows_status() const noexcept {
    return errors_terminal().is_terminal && verbosity_ != Verbosity::kQuiet;
  }

 private:
  void error_line(std::string_view prefix, std::string_view text);
  void to_errors(std::string_view text);

  Environment environment_;
  Verbosity verbosity_ = Verbosity::kNormal;
  bool json_ = false;
  std::vector<std::string> warnings_;
  std::string buffer_;
  std::size_t status_columns_ = 0;
};

}  // namespace cim::cli
