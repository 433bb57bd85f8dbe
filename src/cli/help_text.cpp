// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Parameters describe themselves (verb.h), so help only arranges them: a synopsis, sections of two
// columns, and examples.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/documentation.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace {

// Help never assigns parameters, so their targets may be shared.
bool unused_flag = false;

Parameter flag_of(const HelpFlag& flag) {
  return {.names = flag.names, .help = flag.help, .target = &unused_flag};
}

// "IMAGE", "[PATH]", "[-l]" or "[--parent DIR]...".
std::string in_synopsis(const Parameter& parameter) {
  if (parameter.is_positional()) {
    const char* const dots = parameter.may_repeat() ? "..." : "";
    return parameter.is_required ? std::string(parameter.names)
                                 : fmt::format("[{}]{}", parameter.names, dots);
  }
  const auto first = parameter.names.substr(0, parameter.names.find(','));
  const std::string value = parameter.is_flag() ? "" : fmt::format(" {}", parameter.value);
  return fmt::format("[{}{}]{}", first, value, parameter.may_repeat() ? "..." : "");
}

// Two columns: names, and what they mean.
std::string definition(std::string_view term, std::string_view meaning, std::size_t width) {
  constexpr std::size_t kTermColumns = 22;
  std::string text = wrapped(meaning, width, kTermColumns);
  const std::size_t taken = 2 + columns_of(term);
  if (taken + 2 > kTermColumns) {
    return fmt::format("  {}\n{}\n", term, text);
  }
  text.replace(0, kTermColumns, fmt::format("  {:<{}}", term, kTermColumns - 2));
  return text + "\n";
}

// A titled list of parameters; empty if there are none.
std::string section(std::string_view title, const std::vector<Parameter>& parameters,
                    std::size_t width) {
  if (parameters.empty()) {
    return {};
  }
  std::string text = fmt::format("\n{}:\n", title);
  for (const Parameter& parameter : parameters) {
    text += definition(shown_names(parameter), shown_help(parameter), width);
  }
  return text;
}

std::vector<Parameter> filtered(std::vector<Parameter> parameters, bool positional) {
  std::erase_if(parameters, [=](const Parameter& p) { return p.is_positional() != positional; });
  return parameters;
}

std::string shown_examples(const Verb& verb, std::size_t width) {
  std::string text = "\nExamples:\n";
  for (const Example& example : verb.examples) {
    text += fmt::format("  {}\n{}\n", example.command, wrapped(example.meaning, width, 6));
  }
  return text;
}

std::string verb_list(std::string_view prefix, std::size_t width) {
  std::string text;
  for (const Verb* verb : all_verbs()) {
    if (verb->name.starts_with(prefix)) {
      text += definition(verb->name, verb->summary, width);
    }
  }
  return text;
}

}  // namespace

// prepare() declares the parameters, and returns the action, which owns the variables that they
// refer to. Help reads only the declarations.
std::vector<Parameter> parameters_of(const Verb& verb) {
  Parameters parameters;
  const Action kept_while_asked = verb.prepare(parameters);
  return parameters.all();
}

std::vector<Parameter> global_parameters() {
  Parameters parameters;
  static GlobalOptions unused;
  declare_global_options(parameters, unused);
  std::vector<Parameter> all = parameters.all();
  all.push_back(flag_of(kHelp));
  all.push_back(flag_of(kVersionFlag));
  return all;
}

std::vector<Parameter> global_parameters_of(const Verb& verb) {
  std::vector<Parameter> parameters = global_parameters();
  std::erase_if(parameters, [&](const Parameter& parameter) {
    return parameter.names == kVersionFlag.names ||
           (parameter.names == "--json" && verb.json == JsonOutput::kNone);
  });
  return parameters;
}

std::string synopsis(const Verb& verb) {
  std::vector<std::string> words = {"cim", std::string(verb.name)};
  const auto parameters = parameters_of(verb);
  // Options come first, as on a command line.
  for (const bool positional : {false, true}) {
    for (const Parameter& parameter : filtered(parameters, positional)) {
      words.push_back(in_synopsis(parameter));
    }
  }
  return fmt::format("{}", fmt::join(words, " "));
}

std::string shown_names(const Parameter& parameter) {
  std::string names;
  for (const char c : parameter.names) {
    names += c == ',' ? std::string(", ") : std::string(1, c);
  }
  return parameter.value.empty() ? names : fmt::format("{} {}", names, parameter.value);
}

std::string shown_help(const Parameter& parameter) {
  if (parameter.choices.empty()) {
    return std::string(parameter.help);
  }
  return fmt::format("{}; one of {}", parameter.help, fmt::join(parameter.choices, ", "));
}

std::string help_of(const Verb& verb, std::size_t width) {
  const auto parameters = parameters_of(verb);
  return fmt::format("Usage: {}\n\n{}\n", synopsis(verb), wrapped(verb.description, width, 0)) +
         section("Arguments", filtered(parameters, true), width) +
         section("Options", filtered(parameters, false), width) +
         section("Common options", global_parameters_of(verb), width) + shown_examples(verb, width);
}

std::string help_of_group(std::string_view group, std::size_t width) {
  const auto groups = verb_groups();
  const auto found = std::ranges::find(groups, group, &VerbGroup::name);
  return fmt::format("Usage: cim {} VERB [ARGUMENT...]\n\n{}\n\nVerbs:\n{}", group, found->summary,
                     verb_list(fmt::format("{} ", group), width));
}

std::string help_of_program(std::size_t width) {
  return fmt::format(
             "Usage: cim VERB [ARGUMENT...]\n\n{}\n\nVerbs:\n{}",
             wrapped("Reads, creates, checks and mounts CIM images and the Windows container "
                     "layers stored in them.",
                     width, 0),
             verb_list("", width)) +
         section("Common options", global_parameters(), width) +
         "\nRun 'cim VERB --help' for the options of a verb and examples.\n";
}

}  // namespace cim::cli
