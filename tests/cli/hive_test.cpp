// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/hive.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_cim.h"
#include "temporary_directory.h"

namespace cim::cli {
namespace {

using test::Outcome;
using test::run_cim;

constexpr FileTime kTime{132'223'104'000'000'000};  // 2020-01-01

class HiveVerbs : public testing::Test {
 protected:
  HiveVerbs() {
    registry::HiveEditor editor("ROOT", kTime);
    editor.add_key("Key\\Sub", kTime);
    editor.set_text("Key", "", "x", kTime);
    editor.set_text("Key", "a \"quoted\\ name\"", "y", kTime);
    editor.set_dword("Key\\Sub", "Number", 258, kTime);
    editor.set_value("Key\\Sub", "None", registry::kRegNone, {}, kTime);
    editor.save(hive_);
  }

  std::string path(const char* name) const { return (directory_.path() / name).string(); }

  cim::test::TemporaryDirectory directory_;
  std::string hive_ = path("hive");
};

TEST_F(HiveVerbs, DumpWritesTheFormatOfTheRegistryEditor) {
  const Outcome outcome = run_cim({"hive", "dump", "--prefix", "HKLM", hive_});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.output,
            "Windows Registry Editor Version 5.00\n\n"
            "[HKLM\\]\n\n"
            "[HKLM\\Key]\n"
            "@=hex(1):78,00,00,00\n"
            "\"a \\\"quoted\\\\ name\\\"\"=hex(1):79,00,00,00\n\n"
            "[HKLM\\Key\\Sub]\n"
            "\"Number\"=dword:00000102\n"
            "\"None\"=hex(0):\n\n");
}

TEST_F(HiveVerbs, DumpStartsAtTheGivenKey) {
  const Outcome outcome = run_cim({"hive", "dump", "--json", hive_, "KEY\\sub"});
  const auto keys = nlohmann::json::parse(outcome.output);
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0]["time"], "2020-01-01T00:00:00.0000000Z");
  EXPECT_EQ(keys[0]["values"][0]["name"], "Number");
  EXPECT_EQ(keys[0]["values"][0]["type"], 4);
  EXPECT_EQ(keys[0]["values"][0]["data"], "02010000");
  EXPECT_EQ(keys[0]["values"][1]["data"], "");
  EXPECT_EQ(run_cim({"hive", "dump", hive_, "None"}).status, 1);
}

TEST_F(HiveVerbs, CheckExitsAsDiffDoes) {
  EXPECT_EQ(run_cim({"hive", "check", "--strict", hive_}).status, 0);
  std::filesystem::resize_file(hive_, 9000);
  EXPECT_EQ(run_cim({"hive", "check", hive_}).status, 0);
  const Outcome strict = run_cim({"hive", "check", "--strict", hive_});
  EXPECT_EQ(strict.status, 1);
  EXPECT_THAT(strict.output, testing::HasSubstr("deviation at byte 8192: 808 bytes after"));
  std::filesystem::resize_file(hive_, 5000);
  const Outcome damaged = run_cim({"hive", "check", "--json", hive_});
  EXPECT_EQ(damaged.status, 1);
  EXPECT_EQ(nlohmann::json::parse(damaged.output)["findings"][0]["severity"], "damage");
  EXPECT_EQ(run_cim({"hive", "check", path("absent")}).status, 2);
}

TEST_F(HiveVerbs, MergeCreatesAFullHive) {
  const Outcome outcome = run_cim({"hive", "merge", "--json", hive_, hive_, path("out")});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(nlohmann::json::parse(outcome.output)["keys"], 3);
  EXPECT_EQ(registry::Hive::open(path("out")).key_count(), 3U);
  const Outcome again = run_cim({"hive", "merge", hive_, hive_, path("out")});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.errors, testing::HasSubstr("already exists"));
}

}  // namespace
}  // namespace cim::cli
