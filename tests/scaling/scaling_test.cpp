// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Work must grow with the input, not with its square: ten times as many of anything that can be
// counted cost at most fifteen times the instructions.
//
// Unlike times, instruction counts are the same on a busy machine. callgrind counts them, so ctest
// runs this as
//
//   valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file=FILE scaling_tests
//
// The test uses valgrind's client requests to select what is counted.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <valgrind/callgrind.h>

#include "scaling/measure.h"

namespace cim::test {
namespace {

constexpr std::uint64_t kFactor = 10;
constexpr std::uint64_t kMaxGrowth = 15;

// callgrind writes its counts into FILE.1, FILE.2, ..., one file for each request.
class Counts {
 public:
  std::uint64_t of(const std::function<void()>& work) {
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    work();
    CALLGRIND_DUMP_STATS;
    CALLGRIND_STOP_INSTRUMENTATION;
    return read_total(fmt::format("{}.{}", base(), ++dumps_));
  }

 private:
  static std::string base() {
    const char* const name = std::getenv("CIMLIB_CALLGRIND_OUT");
    return name == nullptr ? "callgrind.out" : name;
  }

  static std::uint64_t read_total(const std::filesystem::path& dump) {
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

  unsigned dumps_ = 0;
};

class Scaling : public testing::TestWithParam<Countable> {
 protected:
  static std::uint64_t instructions(std::size_t count) {
    static Counts counts;
    const std::function<void()> work = GetParam().prepare(count);
    return counts.of(work);
  }
};

TEST_P(Scaling, TenTimesTheCountCostsAtMostFifteenTimes) {
  if (RUNNING_ON_VALGRIND == 0) {
    GTEST_SKIP() << "only callgrind counts instructions";
  }
  const std::size_t count = GetParam().count;
  const std::uint64_t few = instructions(count);
  const std::uint64_t many = instructions(kFactor * count);
  fmt::print("{:45} {:6} {:12} {:6} {:12}  x{:.1f}\n", GetParam().name, count, few, kFactor * count,
             many, static_cast<double>(many) / static_cast<double>(few));
  std::fflush(stdout);
  EXPECT_GT(few, 0U) << "nothing was counted";
  EXPECT_LE(many, kMaxGrowth * few);
}

std::vector<Countable> all_countables() {
  std::vector<Countable> all;
  for (const auto& some :
       {descriptor_countables(), hive_countables(), image_countables(), layer_countables(),
        mount_countables(), oci_countables(), tar_countables()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// Turns "keys of a key" into "KeysOfAKey": letters and digits only.
std::string test_name(const testing::TestParamInfo<Countable>& info) {
  std::string name;
  bool starts_word = true;
  for (const char c : info.param.name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      name += starts_word ? static_cast<char>(std::toupper(byte)) : c;
    }
    starts_word = std::isalnum(byte) == 0;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Of, Scaling, testing::ValuesIn(all_countables()), test_name);

}  // namespace
}  // namespace cim::test
