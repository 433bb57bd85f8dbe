// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The script is a fixed frame with four generated parts: which options take a value, the words
// after each verb, the kind of each positional argument, and the values of each option. It runs
// without starting the program, so that completion is immediate.
#include <set>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/completion_words.h"
#include "cli/documentation.h"
#include "cli/verb.h"

namespace cim::cli {
namespace {

constexpr std::string_view kBashBeginning =
    R"(# bash completion for cim. Made by 'cim help --completion bash'; do not edit.

_cim() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local verb='' arguments=0 words='' kind='' index
  # Readline splits "--option=value" into three words.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; ++index)); do
    if [[ ${COMP_WORDS[index]} == -?* || ${COMP_WORDS[index]} == '=' ||
      ${COMP_WORDS[index - 1]} == '=' ]] || _cim_takes_value "${COMP_WORDS[index - 1]}"; then
      continue
    fi
    case $verb in
      @GROUPS@) verb=${verb:+$verb }${COMP_WORDS[index]} ;;
      *) ((++arguments)) ;;
    esac
  done
)";

constexpr std::string_view kBashEnding = R"(  COMPREPLY=()
  if [[ $current == -* ]]; then
    kind=''
  elif [[ $kind ]]; then
    words=''
    compopt -o filenames 2> /dev/null
  fi
  case $kind in
    files) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    directories) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    images)
      mapfile -t COMPREPLY < <(compgen -d -- "$current"; compgen -f -X '!*.cim' -- "$current")
      ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
  esac
}

complete -F _cim cim
)";

// The name of a kind in the script; empty for none.
std::string_view kind_of(Completes completes) {
  switch (completes) {
    case Completes::kFiles:
      return "files";
    case Completes::kDirectories:
      return "directories";
    case Completes::kImages:
      return "images";
    case Completes::kNothing:
    case Completes::kVerbs:
      break;
  }
  return "";
}

// Tests for options that take the next word as their value.
std::string value_test() {
  std::set<std::string> options;
  for (const Verb* verb : all_verbs()) {
    for (const Parameter& parameter : parameters_of(*verb)) {
      if (!parameter.is_positional() && !parameter.is_flag()) {
        const auto names = split_names(parameter.names);
        options.insert(names.begin(), names.end());
      }
    }
  }
  const std::string test =
      options.empty() ? "false" : fmt::format("[[ $1 == @({}) ]]", fmt::join(options, "|"));
  return fmt::format("_cim_takes_value() {{\n  {}\n}}\n\n", test);
}

// The words that can follow the program, a group or a verb.
std::string word_cases() {
  auto top = plain_words(verb_words(""));
  const auto options = option_words(global_parameters());
  top.insert(top.end(), options.begin(), options.end());
  std::string cases = fmt::format("  case $verb in\n    '') words='{}' ;;\n", fmt::join(top, " "));
  for (const VerbGroup& group : verb_groups()) {
    cases += fmt::format("    {}) words='{}' ;;\n", group.name,
                         fmt::join(plain_words(verb_words(group.name)), " "));
  }
  for (const Verb* verb : all_verbs()) {
    cases += fmt::format("    '{}') words='{}' ;;\n", verb->name,
                         fmt::join(option_words(options_of(*verb)), " "));
  }
  return cases + "  esac\n";
}

// Shell assignments that make the script offer values for a parameter.
std::string offer(const Parameter& parameter) {
  if (parameter.completes == Completes::kVerbs) {
    const auto words = plain_words(verb_words(""));
    return fmt::format("words='{}' kind=''", fmt::join(words, " "));
  }
  if (!parameter.choices.empty()) {
    return fmt::format("words='{}' kind=''", fmt::join(parameter.choices, " "));
  }
  return fmt::format("words='' kind='{}'", kind_of(parameter.completes));
}

// Offers for positional arguments, by verb and position.
std::string argument_cases() {
  std::string cases = "  case $verb:$arguments in\n";
  for (const Verb* verb : all_verbs()) {
    std::size_t index = 0;
    for (const Parameter& parameter : parameters_of(*verb)) {
      if (parameter.is_positional()) {
        const bool offers = parameter.completes != Completes::kNothing;
        cases += offers ? fmt::format("    '{}:{}') [[ $current == -* ]] || {{ {}; }} ;;\n",
                                      verb->name, index, offer(parameter))
                        : "";
        ++index;
      }
    }
  }
  return cases + "  esac\n";
}

// Offers after an option that takes a value; they override those of the position.
std::string value_cases() {
  std::string cases;
  for (const Verb* verb : all_verbs()) {
    for (const Parameter& parameter : parameters_of(*verb)) {
      if (parameter.is_positional() || parameter.is_flag()) {
        continue;
      }
      for (const std::string& name : split_names(parameter.names)) {
        cases += fmt::format("    '{} {}') {} ;;\n", verb->name, name, offer(parameter));
      }
    }
  }
  return cases.empty() ? cases : "  case \"$verb $previous\" in\n" + cases + "  esac\n";
}

}  // namespace

std::string bash_completion() {
  std::string beginning(kBashBeginning);
  constexpr std::string_view kMark = "@GROUPS@";
  beginning.replace(beginning.find(kMark), kMark.size(), group_pattern());
  const std::size_t function = beginning.find("_cim()");
  beginning.insert(function, value_test());
  return beginning + word_cases() + argument_cases() + value_cases() + std::string(kBashEnding);
}

}  // namespace cim::cli
