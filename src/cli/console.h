// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Everything by which the program touches the world: where its bytes go, what its terminals can
// show, the time, and the wish to stop. A test gives its own; main.cpp gives the process's.

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

namespace cim::cli {

/// Exit statuses; docs/man/cim.1 promises them.
inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;
inline constexpr int kUsage = 2;
/// Of verbs that answer as diff(1) does.
inline constexpr int kFound = 1;
inline constexpr int kTrouble = 2;

/// Where bytes go.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  /// Writes all of it. Throws cim::Error, or BrokenPipe where nobody reads any more.
  virtual void write(std::span<const std::byte> bytes) = 0;
};

/// The reader of our output has gone, as `head` does: no reason to say anything.
struct BrokenPipe {};

/// The command line makes no sense; the text says why.
struct UsageError {
  std::string text;
};

/// What a stream leads to.
struct Terminal {
  bool is_terminal = false;
  bool is_utf8 = false;    ///< whether the locale's encoding is UTF-8
  std::size_t width = 80;  ///< columns
};

/// What an interruption (SIGINT, SIGTERM, SIGHUP) means to a verb.
enum class Interruption {
  kAborts,  ///< the work is cut short: the process cleans up, then dies of the signal
  kEnds,    ///< the way in which the verb is ended, which is a success
};

/// What the process, or a test, gives the program. The sinks must outlive it.
struct Environment {
  Sink& output;
  Sink& errors;
  Terminal output_terminal{};
  Terminal errors_terminal{};
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
  /// From the first call on, an interruption sets the token instead of ending the process; called
  /// by verbs that have something to clean up.
  std::function<std::stop_token(Interruption)> stop_on_interruption = [](Interruption) {
    return std::stop_token();
  };
};

enum class Verbosity { kQuiet, kNormal, kVerbose };

/// Data to standard output, everything else to standard error. For one thread.
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
  /// Whether a program reads the output.
  bool json() const noexcept { return json_; }
  void set_json(bool json) noexcept { json_ = json; }

  /// To standard output, through a buffer that flush() empties.
  void write(std::span<const std::byte> bytes);
  void print(std::string_view text);
  template <typename... Arguments>
  void print(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    print(std::string_view(fmt::format(format, std::forward<Arguments>(arguments)...)));
  }
  void flush();

  /// One line to standard error: "cim: TEXT".
  void error(std::string_view text);
  /// "cim: warning: TEXT", unless quiet.
  void warn(std::string_view text);
  /// The texts of all warnings so far, if a program reads the output.
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }
  /// "TEXT", unless quiet.
  void inform(std::string_view text);
  /// "TEXT", if verbose.
  void explain(std::string_view text);

  /// Shows a line on the terminal that the next one replaces; every message clears it first. Does
  /// nothing where standard error is no terminal, or quiet.
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
