// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Failures become exit statuses and messages here and nowhere else: verbs throw, and the work of a
// verb is done without knowing how it is reported.
#include "cli/command_line.h"

#include <algorithm>
#include <exception>
#include <new>
#include <variant>

#include <fmt/ranges.h>

#include "cimlib/error.h"
#include "cimlib/version.h"

#include "cli/documentation.h"
#include "cli/json_output.h"

namespace cim::cli {
namespace {

std::size_t help_width(const Console& console) {
  return std::clamp<std::size_t>(console.output_terminal().width, 40, 100);
}

int perform(const HelpWanted& wanted, Console& console) {
  const std::size_t width = help_width(console);
  if (wanted.verb != nullptr) {
    console.print(help_of(*wanted.verb, width));
  } else if (!wanted.group.empty()) {
    console.print(help_of_group(wanted.group, width));
  } else {
    console.print(help_of_program(width));
  }
  return kSuccess;
}

// Returns a line with the names of the features that are, or are not, part of this build.
std::string feature_line(std::string_view label, bool is_present) {
  std::vector<std::string_view> names;
  for (const Feature& feature : features()) {
    if (feature.is_present == is_present) {
      names.push_back(feature.name);
    }
  }
  return names.empty() ? std::string() : fmt::format("{}: {}\n", label, fmt::join(names, " "));
}

int perform(const VersionWanted& wanted, Console& console) {
  if (wanted.json) {
    Json present = Json::object();
    for (const Feature& feature : features()) {
      present[std::string(feature.name)] = feature.is_present;
    }
    print_json(console, {{"version", kVersion}, {"features", present}});
    return kSuccess;
  }
  console.print("cim {}\n", kVersion);
  console.print(feature_line("features", true));
  console.print(feature_line("left out", false));
  return kSuccess;
}

int perform(const Invocation& invocation, Console& console) {
  console.set_json(invocation.options.json);
  if (invocation.options.quiet) {
    console.set_verbosity(Verbosity::kQuiet);
  } else if (invocation.options.verbose) {
    console.set_verbosity(Verbosity::kVerbose);
  }
  try {
    return invocation.action(console);
  } catch (UsageError& error) {
    error.topic = invocation.verb->name;
    throw;
  }
}

// A command line that cannot be parsed may still ask for JSON.
bool wants_json(const std::vector<std::string>& arguments) {
  const auto end = std::ranges::find(arguments, "--");
  return std::find(arguments.begin(), end, "--json") != end;
}

// Sets the exit status of a failure before anything can fail.
int perform_line(const std::vector<std::string>& arguments, Console& console, int& failure) {
  const auto wanted = parse(arguments);
  if (const auto* const invocation = std::get_if<Invocation>(&wanted)) {
    failure = invocation->verb->status == StatusMeaning::kFindings ? kDiffFailure : kFailure;
  }
  const int status = std::visit([&](const auto& what) { return perform(what, console); }, wanted);
  console.flush();
  return status;
}

// Output before a failure is useful; a second failure is not worth reporting.
void flush_remains(Console& console) noexcept {
  try {
    console.flush();
  } catch (...) {  // NOLINT(bugprone-empty-catch)
  }
}

template <typename Failure>
void report(Console& console, const Failure& failure) {
  flush_remains(console);
  console.error(failure);
}

// The only place where failures become exit statuses.
int perform_guarded(const std::vector<std::string>& arguments, Console& console) {
  int failure = kFailure;
  try {
    return perform_line(arguments, console, failure);
  } catch (const UsageError& error) {
    console.set_json(wants_json(arguments));
    flush_remains(console);
    console.error(error);
    return kUsage;
  } catch (const BrokenPipe&) {
    console.clear_status();
  } catch (const Error& error) {
    report(console, error);
  } catch (const std::bad_alloc&) {
    report(console, std::string_view("out of memory"));
  } catch (const std::exception& error) {
    report(console, std::string("unexpected error: ") + error.what());
  }
  return failure;
}

}  // namespace

int run(const std::vector<std::string>& arguments, const Environment& environment) noexcept {
  try {
    Console console(environment);
    return perform_guarded(arguments, console);
  } catch (...) {
    return kFailure;  // not even a message could be made
  }
}

}  // namespace cim::cli
