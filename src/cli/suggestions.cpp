// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/suggestions.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cim::cli {
namespace {

constexpr std::size_t kMaxLength = 64;
using Row = std::array<std::size_t, kMaxLength + 1>;

// The optimal string alignment distance: insertions, deletions, replacements and transpositions of
// neighbours.
std::size_t distance(std::string_view from, std::string_view to) {
  std::array<Row, 3> rows{};
  for (std::size_t j = 0; j <= to.size(); ++j) {
    rows[0][j] = j;
  }
  for (std::size_t i = 1; i <= from.size(); ++i) {
    const Row& before = rows[(i + 1) % 3];
    const Row& above = rows[(i - 1) % 3];
    Row& row = rows[i % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return rows[from.size() % 3][to.size()];
}

}  // namespace

std::vector<std::string> similar_words(std::string_view word,
                                       const std::vector<std::string>& known) {
  std::vector<std::string> closest;
  if (word.size() > kMaxLength) {
    return closest;
  }
  std::size_t least = kMaxLength;
  for (const std::string& each : known) {
    const std::size_t longer = std::max(word.size(), each.size());
    if (longer > kMaxLength) {
      continue;
    }
    const bool is_beginning =
        word.size() > 1 && each.size() > word.size() && each.starts_with(word);
    const std::size_t differences = is_beginning ? 1 : distance(word, each);
    if (differences * 3 > longer || differences > least) {
      continue;
    }
    if (differences < least) {
      closest.clear();
      least = differences;
    }
    if (std::ranges::find(closest, each) == closest.end()) {
      closest.push_back(each);
    }
  }
  return closest;
}

std::string did_you_mean(const std::vector<std::string>& words) {
  if (words.empty()) {
    return "";
  }
  return fmt::format("; did you mean '{}'?", fmt::join(words, "' or '"));
}

}  // namespace cim::cli
