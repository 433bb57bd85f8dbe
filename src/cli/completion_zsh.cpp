// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The script finds the verb among the words and leaves the rest to zsh's _arguments, to which it
// passes one specification for each parameter of the verb.
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/completion_words.h"
#include "cli/documentation.h"

namespace cim::cli {
namespace {

constexpr std::string_view kZshBeginning = R"(#compdef cim
# zsh completion for cim. Made by 'cim help --completion zsh'; do not edit.

_cim() {
  local verb='' word
  integer index
  for ((index = 2; index < CURRENT; ++index)); do
    case $verb in
      @GROUPS@) word=$words[index] ;;
      *) break ;;
    esac
    if [[ $word != -* ]]; then
      verb=${verb:+$verb }$word
    fi
  done
  local -a offers parameters
  case $verb in
)";

// A verb's own words begin with its last word, in the place of a program's name.
constexpr std::string_view kZshEnding = R"(  esac
  if ((${#offers})) && [[ $words[CURRENT] != -* ]]; then
    _describe -t verbs verb offers
    return
  fi
  if [[ -z $verb ]]; then
    index=2
  fi
  words=(cim "${(@)words[index,-1]}")
  ((CURRENT -= index - 2))
  _arguments -S : $parameters
}

if [[ $funcstack[1] == _cim ]]; then
  _cim "$@"
else
  compdef _cim cim
fi
)";

std::string zsh_quoted(std::string_view text) {
  return quoted(text, R"('\'')");
}

// In specifications a backslash precedes characters that would end a part of them.
std::string escape(std::string_view text, std::string_view special) {
  std::string result;
  for (const char c : text) {
    if (c == '\\' || special.find(c) != std::string_view::npos) {
      result += '\\';
    }
    result += c;
  }
  return result;
}

// The action of a specification, which offers the values of a parameter.
std::string action(const Parameter& parameter) {
  if (!parameter.choices.empty()) {
    return fmt::format("({})", fmt::join(parameter.choices, " "));
  }
  switch (parameter.completes) {
    case Completes::kFiles:
      return "_files";
    case Completes::kDirectories:
      return "_files -/";
    case Completes::kImages:
      return "_files -g \"*.cim\"";
    case Completes::kVerbs:
      return fmt::format("({})", fmt::join(plain_words(verb_words("")), " "));
    case Completes::kNothing:
      break;
  }
  return " ";
}

// Specifications of an option, one for each of its names.
std::string option_specifications(const Parameter& option) {
  std::string lines;
  const auto names = split_names(option.names);
  for (const std::string& name : names) {
    const std::string exclusions =
        option.may_repeat() ? "*" : fmt::format("({})", fmt::join(names, " "));
    const std::string help = escape(shown_help(option), "[]:");
    std::string line = fmt::format("{}{}[{}]", exclusions, name, help);
    if (!option.is_flag()) {
      const char* const form = name.starts_with("--") ? "=" : "+";
      line = fmt::format("{}{}{}[{}]:{}:{}", exclusions, name, form, help,
                         escape(option.value, ":"), action(option));
    }
    lines += fmt::format("      {}\n", zsh_quoted(line));
  }
  return lines;
}

// Required and optional arguments may stand in any order, so each place is described alone. After a
// repeated argument zsh knows no other, so the words there are completed as the last one.
std::string specifications(const Verb& verb) {
  std::string lines;
  for (const Parameter& option : options_of(verb)) {
    lines += option_specifications(option);
  }
  std::vector<Parameter> positional;
  std::ranges::copy_if(parameters_of(verb), std::back_inserter(positional),
                       &Parameter::is_positional);
  std::size_t place = 1;
  for (const Parameter& parameter : positional) {
    const bool repeats = parameter.may_repeat();
    const Parameter& completed = repeats ? positional.back() : parameter;
    lines += fmt::format("      {}\n",
                         zsh_quoted(fmt::format("{}:{}:{}", repeats ? "*" : std::to_string(place++),
                                                escape(parameter.names, ":"), action(completed))));
    if (repeats) {
      break;
    }
  }
  return lines;
}

// The verbs that may follow, as _describe expects them: "word:help".
std::string offers(std::string_view group) {
  std::string lines;
  for (const OfferedWord& each : verb_words(group)) {
    lines += fmt::format("      {}\n", zsh_quoted(fmt::format("{}:{}", each.word, each.help)));
  }
  return lines;
}

std::string global_specifications() {
  std::string lines;
  for (const Parameter& option : global_parameters()) {
    lines += option_specifications(option);
  }
  return lines;
}

std::string cases() {
  std::string text =
      fmt::format("    '')\n      offers=(\n{}      )\n      parameters=(\n{}      )\n      ;;\n",
                  offers(""), global_specifications());
  for (const VerbGroup& group : verb_groups()) {
    text += fmt::format("    {})\n      offers=(\n{}      )\n      ;;\n", group.name,
                        offers(group.name));
  }
  for (const Verb* verb : all_verbs()) {
    text += fmt::format("    '{}')\n      parameters=(\n{}      )\n      ;;\n", verb->name,
                        specifications(*verb));
  }
  return text;
}

}  // namespace

std::string zsh_completion() {
  std::string beginning(kZshBeginning);
  constexpr std::string_view kMark = "@GROUPS@";
  beginning.replace(beginning.find(kMark), kMark.size(), group_pattern());
  return beginning + cases() + std::string(kZshEnding);
}

}  // namespace cim::cli
