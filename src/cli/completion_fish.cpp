// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// fish takes one command for each word or parameter, with a condition that two functions of the
// script decide: which verb the line has, and how many of its arguments precede the cursor.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/completion_words.h"
#include "cli/documentation.h"

namespace cim::cli {
namespace {

constexpr std::string_view kFishBeginning =
    R"(# fish completion for cim. Made by 'cim help --completion fish'; do not edit.

# Prints the words that are neither options nor their values: the verb, then its arguments.
function __cim_words
    set -l is_value 0
    for word in (commandline -opc)[2..-1]
        if test $is_value = 1
            set is_value 0
        else if contains -- $word @VALUES@
            set is_value 1
        else if not string match -q -- '-?*' $word
            echo $word
        end
    end
end

# Succeeds if the line has the verb, or no verb yet for an empty one, and as many arguments after it
# as the second argument says, if it is there.
function __cim_is
    set -l words (__cim_words)
    set -l verb $words[1]
    set -l rest $words[2..-1]
    if contains -- "$verb" @GROUPS@; and set -q rest[1]
        set verb "$verb $rest[1]"
        set rest $rest[2..-1]
    end
    test "$verb" = "$argv[1]"; or return 1
    set -q argv[2]; or return 0
    test (count $rest) = $argv[2]
end

complete -c cim -f
)";

std::string fish_quoted(std::string_view text) {
  return quoted(text, R"(\')");
}

// Returns the arguments that make fish offer the values of a parameter.
std::string values(const Parameter& parameter) {
  if (!parameter.choices.empty()) {
    return fmt::format(" -a '{}'", fmt::join(parameter.choices, " "));
  }
  switch (parameter.completes) {
    case Completes::kFiles:
      return " -F";
    case Completes::kDirectories:
      return " -a '(__fish_complete_directories (commandline -ct))'";
    case Completes::kImages:
      return " -k -a '(__fish_complete_suffix .cim)'";
    case Completes::kVerbs:
      return fmt::format(" -a '{}'", fmt::join(plain_words(verb_words("")), " "));
    case Completes::kNothing:
      break;
  }
  return "";
}

std::string option_line(const std::string& condition, const Parameter& option) {
  std::string line = fmt::format("complete -c cim -n {}", fish_quoted(condition));
  for (const std::string& name : split_names(option.names)) {
    const bool is_long = name.starts_with("--");
    line += fmt::format(" {} {}", is_long ? "-l" : "-s", name.substr(is_long ? 2 : 1));
  }
  if (!option.is_flag()) {
    line += (option.completes == Completes::kFiles ? " -r" : " -x") + values(option);
  }
  return fmt::format("{} -d {}\n", line, fish_quoted(shown_help(option)));
}

std::string argument_line(const Verb& verb, const Parameter& parameter, std::size_t place) {
  const std::string words = values(parameter);
  if (words.empty()) {
    return "";
  }
  const std::string condition = parameter.may_repeat()
                                    ? fmt::format("__cim_is \"{}\"", verb.name)
                                    : fmt::format("__cim_is \"{}\" {}", verb.name, place);
  return fmt::format("complete -c cim -n {}{}\n", fish_quoted(condition), words);
}

std::string word_lines(std::string_view group) {
  std::string lines;
  for (const OfferedWord& each : verb_words(group)) {
    lines += fmt::format("complete -c cim -n {} -a {} -d {}\n",
                         fish_quoted(fmt::format("__cim_is \"{}\"", group)), each.word,
                         fish_quoted(each.help));
  }
  return lines;
}

std::string verb_lines(const Verb& verb) {
  std::string lines;
  for (const Parameter& option : options_of(verb)) {
    lines += option_line(fmt::format("__cim_is \"{}\"", verb.name), option);
  }
  std::size_t place = 0;
  for (const Parameter& parameter : parameters_of(verb)) {
    if (parameter.is_positional()) {
      lines += argument_line(verb, parameter, place++);
    }
  }
  return lines;
}

// Every option that takes the next word as its value.
std::string options_with_values() {
  std::set<std::string> options;
  for (const Verb* verb : all_verbs()) {
    for (const Parameter& option : options_of(*verb)) {
      if (!option.is_flag()) {
        const auto names = split_names(option.names);
        options.insert(names.begin(), names.end());
      }
    }
  }
  return fmt::format("{}", fmt::join(options, " "));
}

std::string names_of_groups() {
  std::vector<std::string_view> names;
  for (const VerbGroup& group : verb_groups()) {
    names.push_back(group.name);
  }
  return fmt::format("{}", fmt::join(names, " "));
}

void substitute(std::string& text, std::string_view mark, const std::string& replacement) {
  text.replace(text.find(mark), mark.size(), replacement);
}

}  // namespace

std::string fish_completion() {
  std::string script(kFishBeginning);
  substitute(script, "@VALUES@", options_with_values());
  substitute(script, "@GROUPS@", names_of_groups());
  for (const Parameter& option : global_parameters()) {
    script += option_line("__cim_is \"\"", option);
  }
  script += word_lines("");
  for (const VerbGroup& group : verb_groups()) {
    script += word_lines(group.name);
  }
  for (const Verb* verb : all_verbs()) {
    script += verb_lines(*verb);
  }
  return script;
}

}  // namespace cim::cli
