// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/completion_words.h"

#include "cli/documentation.h"

namespace cim::cli {

std::vector<std::string> split_names(std::string_view names) {
  std::vector<std::string> words(1);
  for (const char c : names) {
    if (c == ',') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

std::vector<OfferedWord> verb_words(std::string_view group) {
  std::vector<OfferedWord> words;
  for (const Verb* verb : all_verbs()) {
    const std::size_t space = verb->name.find(' ');
    if (group.empty() && space == std::string_view::npos) {
      words.push_back({std::string(verb->name), verb->summary});
    } else if (!group.empty() && verb->name.substr(0, space) == group) {
      words.push_back({std::string(verb->name.substr(space + 1)), verb->summary});
    }
  }
  if (group.empty()) {
    for (const VerbGroup& each : verb_groups()) {
      words.push_back({std::string(each.name), each.summary});
    }
  }
  return words;
}

std::string group_pattern() {
  std::string pattern = "''";
  for (const VerbGroup& group : verb_groups()) {
    pattern += " | ";
    pattern += group.name;
  }
  return pattern;
}

std::vector<Parameter> options_of(const Verb& verb) {
  std::vector<Parameter> options;
  for (const auto& parameters : {parameters_of(verb), global_parameters_of(verb)}) {
    for (const Parameter& parameter : parameters) {
      if (!parameter.is_positional()) {
        options.push_back(parameter);
      }
    }
  }
  return options;
}

std::vector<std::string> option_words(const std::vector<Parameter>& parameters) {
  std::vector<std::string> words;
  for (const Parameter& parameter : parameters) {
    if (!parameter.is_positional()) {
      const auto names = split_names(parameter.names);
      words.insert(words.end(), names.begin(), names.end());
    }
  }
  return words;
}

std::vector<std::string> plain_words(const std::vector<OfferedWord>& words) {
  std::vector<std::string> plain;
  plain.reserve(words.size());
  for (const OfferedWord& each : words) {
    plain.push_back(each.word);
  }
  return plain;
}

std::string quoted(std::string_view text, std::string_view escaped_quote) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += escaped_quote;
    } else {
      result += c;
    }
  }
  return result + "'";
}

}  // namespace cim::cli
