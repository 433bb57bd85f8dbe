// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Work must grow with the input, not with its square: ten times as many of anything that can be
// counted cost at most fifteen times the instructions, not counting what an input with none costs.
//
// Unlike times, instruction counts are the same on a busy machine. callgrind counts them, so ctest
// runs this as
//
//   valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file=FILE scaling_tests
//
// The test uses valgrind's client requests to select what is counted.

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <valgrind/valgrind.h>

#include "scaling/measure.h"

namespace cim::test {
namespace {

std::vector<Countable> all_countables() {
  std::vector<Countable> all;
  for (const auto& some :
       {backup_stream_countables(), descriptor_countables(), glob_countables(), hive_countables(),
        image_countables(), layer_countables(), mount_countables(), oci_countables(),
        package_countables(), report_countables(), store_countables(), tar_countables()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

class Scaling : public testing::TestWithParam<Countable> {
 protected:
  // Prepares the inputs of all tests that will run, before callgrind starts to count.
  static void SetUpTestSuite() {
    if (RUNNING_ON_VALGRIND == 0) {
      return;
    }
    const std::vector<Countable> all = all_countables();
    const testing::TestSuite& suite = *testing::UnitTest::GetInstance()->current_test_suite();
    for (int i = 0; i < suite.total_test_count(); ++i) {
      const testing::TestInfo& test = *suite.GetTestInfo(i);
      if (test.should_run()) {
        prepared().emplace(test.value_param(),
                           *std::ranges::find(all, test.value_param(), &Countable::name));
      }
    }
  }
  static void TearDownTestSuite() { prepared().clear(); }

  static std::map<std::string, Measurement>& prepared() {
    static std::map<std::string, Measurement> all;
    return all;
  }
};

TEST_P(Scaling, TenTimesTheCountCostsAtMostFifteenTimes) {
  if (RUNNING_ON_VALGRIND == 0) {
    GTEST_SKIP() << "only callgrind counts instructions";
  }
  const std::string& name = GetParam().name;
  const Costs costs = prepared().at(name).costs();
  fmt::print("{:45} {:6} {:12} {:12} {:12}  x{:.1f}\n", name, GetParam().count, costs.none,
             costs.few, costs.many, costs.growth());
  std::fflush(stdout);
  EXPECT_TRUE(costs.are_in_proportion());
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
