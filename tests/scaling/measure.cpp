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

// Writes callgrind's counts into FILE.1, FILE.2, ..., one file for each call, and starts again from
// zero; callgrind's request for only the latter does not clear everything. Returns the file.
std::string dump_counts() {
  static unsigned dumps = 0;
  std::string file = fmt::format("{}.{}", counts_file(), dumps + 1);
  CALLGRIND_DUMP_STATS;
  ++dumps;
  return file;
}

// Once callgrind counts it goes on, because turning it off and on makes it translate the program
// anew. The dumps are read after the work, since reading them is counted too.
std::uint64_t instructions(const std::function<void()>& work) {
  if (!std::exchange(is_counting, true)) {
    CALLGRIND_START_INSTRUMENTATION;
    read_total(dump_counts());  // binds the functions that every measurement calls
  }
  const std::string before = dump_counts();
  work();
  const std::string after = dump_counts();
  std::error_code ignored;
  std::filesystem::remove(before, ignored);
  return read_total(after);
}

}  // namespace

void stop_counting() {
  if (std::exchange(is_counting, false)) {
    CALLGRIND_STOP_INSTRUMENTATION;
  }
}

void remove_object_ids(const std::filesystem::path& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with("objectid_")) {
      std::filesystem::remove(entry.path());
    }
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
