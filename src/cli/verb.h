// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Defines a verb of the program: its help, its parameters, and its action. Help, manual and
// completion are generated from this, so they cannot differ from what is parsed.
//
//   struct Options { std::string image; bool all = false; };
//
//   int run(const Options& options, Console& console);
//
//   Action prepare(Parameters& parameters) {
//     auto options = std::make_shared<Options>();
//     parameters.required("IMAGE", "the image", options->image);
//     parameters.flag("-a,--all", "everything", options->all);
//     return [options](Console& console) { return run(*options, console); };
//   }
//
// Parameters keep references to their targets, which must live as long as the action, as above.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/console.h"

namespace cim::cli {

/// The kind of words that a shell offers for the value of a parameter.
enum class Completes { kNothing, kFiles, kDirectories, kImages, kVerbs };

/// One positional argument, flag or option.
struct Parameter {
  using Target = std::variant<bool*, std::string*, std::optional<std::string>*,
                              std::optional<std::uint64_t>*, std::vector<std::string>*>;

  std::string_view names;    ///< "-l,--long"; "IMAGE" for a positional argument
  std::string_view value{};  ///< "DIR"; empty for flags and positional arguments
  std::string_view help;     ///< a phrase: lower case, no full stop
  Target target;
  bool is_required = false;
  Completes completes = Completes::kNothing;
  std::vector<std::string_view> choices{};  ///< the only values allowed; empty allows any

  bool is_positional() const noexcept { return !names.starts_with('-'); }
  bool is_flag() const noexcept { return std::holds_alternative<bool*>(target); }
  bool may_repeat() const noexcept {
    return std::holds_alternative<std::vector<std::string>*>(target);
  }
};

/// The parameters of a verb, in the order of its help.
class Parameters {
 public:
  /// Adds a required or optional positional argument. An optional one may precede others: required
  /// ones are assigned first.
  void required(std::string_view name, std::string_view help, std::string& into,
                Completes completes = Completes::kNothing);
  void optional(std::string_view name, std::string_view help, std::optional<std::string>& into,
                Completes completes = Completes::kNothing);

  void flag(std::string_view names, std::string_view help, bool& into);

  /// Adds an option with a value; with a vector as its target, it can be repeated.
  void option(std::string_view names, std::string_view value, std::string_view help,
              Parameter::Target into, Completes completes = Completes::kNothing,
              std::vector<std::string_view> choices = {});

  const std::vector<Parameter>& all() const noexcept { return parameters_; }

 private:
  std::vector<Parameter> parameters_;
};

/// Does the work; returns the exit status. Throws cim::Error and UsageError.
using Action = std::function<int(Console&)>;

struct Example {
  std::string_view command;  ///< as typed
  std::string_view meaning;  ///< a phrase
};

enum class JsonOutput { kNone, kOffered };

/// The meaning of the exit status: whether the work is done (0, 1), or, as for diff(1), whether
/// anything was found (0, 1), with 2 for failure.
enum class Answer { kWhetherDone, kWhetherFound };

struct Verb {
  std::string_view name;         ///< one word, or a group and a word: "layer import"
  std::string_view summary;      ///< a phrase: lower case, no full stop
  std::string_view description;  ///< sentences; an empty line separates paragraphs
  std::span<const Example> examples;
  JsonOutput json = JsonOutput::kNone;
  Answer answer = Answer::kWhetherDone;
  Action (*prepare)(Parameters&) = nullptr;
};

}  // namespace cim::cli
