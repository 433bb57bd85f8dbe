// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// "Did you mean": the known words that a mistyped one resembles.

#include <string>
#include <string_view>
#include <vector>

namespace cim::cli {

/// Returns the known words that differ from `word` in the fewest letters, in their order; none if
/// all differ in more than a third of their letters. A transposition of two letters counts as one
/// difference, and so do all letters that are missing at the end. A word longer than 64 bytes
/// resembles none.
std::vector<std::string> similar_words(std::string_view word,
                                       const std::vector<std::string>& known);

/// Returns "; did you mean 'a' or 'b'?"; empty without words.
std::string did_you_mean(const std::vector<std::string>& words);

}  // namespace cim::cli
