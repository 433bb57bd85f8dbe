// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "scaling/measure.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <valgrind/callgrind.h>

namespace cim::test {
namespace {

constexpr std::size_t kFactor = 10;

std::string counts_file() {
  const char* const name = std::getenv("CIMLIB_CALLGRIND_OUT");
  return name == nullptr ? "callgrind.out" : name;
}

std::uint64_t read_total(const std::filesystem::path& dump) {
  std::ifstream file(dump);
  std::uint64_t total = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word;
    if (words >> word && word == "totals:") {
      words >> total;
    }
  }
  std::error_code ignored;
  std::filesystem::remove(dump, ignored);
  return total;
}

bool is_counting = false;

// callgrind writes its counts into FILE.1, FILE.2, ..., one file for each request, and starts again
// from zero. (Its request for only the latter does not clear everything.)
std::uint64_t take_counts() {
  static unsigned dumps = 0;
  CALLGRIND_DUMP_STATS;
  return read_total(fmt::format("{}.{}", counts_file(), ++dumps));
}

// Once callgrind counts it goes on, because turning it off and on makes it translate the program
// anew.
std::uint64_t instructions(const std::function<void()>& work) {
  if (!std::exchange(is_counting, true)) {
    CALLGRIND_START_INSTRUMENTATION;
  }
  take_counts();
  work();
  return take_counts();
}

}  // namespace

void stop_counting() {
  if (std::exchange(is_counting, false)) {
    CALLGRIND_STOP_INSTRUMENTATION;
  }
}

double Costs::growth() const {
  const double base = 0.9 * static_cast<double>(none);
  const double above = static_cast<double>(few) - base;
  return above > 0 ? (static_cast<double>(many) - base) / above
                   : std::numeric_limits<double>::infinity();  // something else was counted
}

Measurement::Measurement(const Countable& countable)
    : first_(countable.prepare(0)),
      none_(countable.prepare(0)),
      few_(countable.prepare(countable.count)),
      many_(countable.prepare(kFactor * countable.count)) {}

Costs Measurement::costs() const {
  first_();
  return {.none = instructions(none_), .few = instructions(few_), .many = instructions(many_)};
}

}  // namespace cim::test
