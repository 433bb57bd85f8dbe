// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The words that the completion scripts of all shells offer, taken from the table of verbs.

#include <string>
#include <string_view>
#include <vector>

#include "cli/verb.h"

namespace cim::cli {

/// A word to offer, with a phrase that explains it.
struct OfferedWord {
  std::string word;
  std::string_view help;
};

/// Splits "-l,--long" into its names.
std::vector<std::string> split_names(std::string_view names);

/// Returns the words that may follow a group, or the program's name if it is empty: verbs, then
/// groups.
std::vector<OfferedWord> verb_words(std::string_view group);

/// Returns the pattern of bash and zsh for all words after which the next word belongs to the verb.
std::string group_pattern();

/// Returns the options of a verb and those that all verbs share.
std::vector<Parameter> options_of(const Verb& verb);

/// Returns every spelling of every option.
std::vector<std::string> option_words(const std::vector<Parameter>& parameters);

/// Returns the words alone.
std::vector<std::string> plain_words(const std::vector<OfferedWord>& words);

/// Returns `text` in single quotes for a shell in which a quoted text ends at the next single quote
/// and `escaped_quote` stands for one.
std::string quoted(std::string_view text, std::string_view escaped_quote);

}  // namespace cim::cli
