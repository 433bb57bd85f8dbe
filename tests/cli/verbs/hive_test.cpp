// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/hive.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "cli/run_cim.h"
#include "registry/log_builder.h"
#include "temporary_directory.h"

namespace cim::cli {
namespace {

using test::Outcome;
using test::run_cim;
using testing::HasSubstr;

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
  const Outcome outcome = run_cim({"hive", "dump", "--root", "HKLM", hive_});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.output,
            "Windows Registry Editor Version 5.00\r\n\r\n"
            "[HKLM]\r\n\r\n"
            "[HKLM\\Key]\r\n"
            "@=\"x\"\r\n"
            "\"a \\\"quoted\\\\ name\\\"\"=\"y\"\r\n\r\n"
            "[HKLM\\Key\\Sub]\r\n"
            "\"Number\"=dword:00000102\r\n"
            "\"None\"=hex(0):\r\n\r\n");
  const Outcome part = run_cim({"hive", "dump", "--comments", hive_, "key\\SUB"});
  EXPECT_THAT(part.output, HasSubstr("; last written 2020-01-01T00:00:00.0000000Z\r\n"));
  EXPECT_THAT(part.output, HasSubstr("[\\Key\\Sub]\r\n"));
}

TEST_F(HiveVerbs, DumpWritesUtf16ForTheRegistryEditor) {
  const Outcome outcome = run_cim({"hive", "dump", "--utf16", hive_});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.output.substr(0, 6), std::string("\xFF\xFEW\0i\0", 6));
  const Outcome terminal =
      run_cim({"hive", "dump", "--utf16", hive_}, {.output = {.is_terminal = true}});
  EXPECT_EQ(terminal.status, 2);
  EXPECT_EQ(terminal.output, "");
}

TEST_F(HiveVerbs, DumpFailsIfTheFormatCannotExpressAName) {
  registry::HiveEditor editor("ROOT", kTime);
  editor.add_key("a\nb", kTime);
  editor.set_text("", "c\nd", "text", kTime);
  editor.save(path("lines"));
  const Outcome outcome = run_cim({"hive", "dump", path("lines")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("1 key and 1 value are omitted"));
  EXPECT_THAT(outcome.output, HasSubstr("; omitted key \\a\\u000ab"));
  const auto keys =
      nlohmann::json::parse(run_cim({"hive", "dump", "--json", path("lines")}).output);
  EXPECT_EQ(keys[1]["key"], "a\nb");
  EXPECT_EQ(keys[0]["values"][0]["name"], "c\nd");
}

TEST_F(HiveVerbs, DumpDecodesValuesInJson) {
  const Outcome outcome = run_cim({"hive", "dump", "--json", hive_, "KEY\\sub"});
  const auto keys = nlohmann::json::parse(outcome.output);
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0]["key"], "Key\\Sub");
  EXPECT_EQ(keys[0]["time"], "2020-01-01T00:00:00.0000000Z");
  EXPECT_THAT(std::string(keys[0]["security"]["sddl"]), testing::StartsWith("O:BAG:BA"));
  const auto& number = keys[0]["values"][0];
  EXPECT_EQ(number["name"], "Number");
  EXPECT_EQ(number["type"], 4);
  EXPECT_EQ(number["type_name"], "REG_DWORD");
  EXPECT_EQ(number["number"], 258);
  EXPECT_EQ(number["data"], "02010000");
  EXPECT_EQ(keys[0]["values"][1]["data"], "");
  EXPECT_FALSE(keys[0]["values"][1].contains("text"));
  EXPECT_EQ(run_cim({"hive", "dump", hive_, "None"}).status, 1);
}

TEST_F(HiveVerbs, GetPrintsAValueAsPeopleReadIt) {
  EXPECT_EQ(run_cim({"hive", "get", hive_, "Key", ""}).output, "x\n");
  EXPECT_EQ(run_cim({"hive", "get", hive_, "key\\sub", "NUMBER"}).output, "258\n");
  EXPECT_EQ(run_cim({"hive", "get", "--raw", hive_, "key\\sub", "number"}).output,
            std::string("\x02\x01\0\0", 4));
  EXPECT_EQ(run_cim({"hive", "get", hive_, "Key"}).output,
            "(default)  REG_SZ  x\na \"quoted\\ name\"  REG_SZ  y\n");
  const auto value =
      nlohmann::json::parse(run_cim({"hive", "get", "--json", hive_, "Key\\Sub", "Number"}).output);
  EXPECT_EQ(value["number"], 258);
  const auto key = nlohmann::json::parse(run_cim({"hive", "get", "--json", hive_, "Key"}).output);
  EXPECT_EQ(key["key"], "Key");
  EXPECT_EQ(key["values"][0]["text"], "x");
}

TEST_F(HiveVerbs, GetPrintsEachStringOfAList) {
  const std::string list("a\0\0\0b\0\0\0\0\0", 10);
  registry::HiveEditor editor("ROOT", kTime);
  editor.set_value("", "list", registry::kRegMultiSz, std::as_bytes(std::span(list)), kTime);
  editor.set_value("", "odd", registry::kRegSz, std::as_bytes(std::span(list).first(3)), kTime);
  editor.save(path("lists"));
  EXPECT_EQ(run_cim({"hive", "get", path("lists"), "", "list"}).output, "a\nb\n");
  EXPECT_EQ(run_cim({"hive", "get", path("lists"), "", "odd"}).output, "610000\n");
  EXPECT_EQ(run_cim({"hive", "get", path("lists"), ""}).output,
            "list  REG_MULTI_SZ  a\\0b\nodd  REG_SZ  610000\n");
}

TEST_F(HiveVerbs, GetFailsForWhatDoesNotExist) {
  EXPECT_THAT(run_cim({"hive", "get", hive_, "Other"}).errors, HasSubstr("no such key in"));
  const Outcome value = run_cim({"hive", "get", hive_, "Key", "Other"});
  EXPECT_EQ(value.status, 1);
  EXPECT_THAT(value.errors, HasSubstr("Key: no value Other"));
  EXPECT_EQ(run_cim({"hive", "get", "--raw", hive_, "Key"}).status, 2);
}

TEST_F(HiveVerbs, LsListsSubkeys) {
  EXPECT_EQ(run_cim({"hive", "ls", hive_}).output, "Key\n");
  EXPECT_EQ(run_cim({"hive", "ls", "-R", hive_}).output, "Key\nKey\\Sub\n");
  EXPECT_EQ(run_cim({"hive", "ls", "-l", hive_}).output,
            "2020-01-01 00:00:00       1       2  Key\n");
  EXPECT_EQ(run_cim({"hive", "ls", hive_, "key"}).output, "Sub\n");
  EXPECT_EQ(run_cim({"hive", "ls", hive_, "Key\\Sub"}).output, "");
  const auto keys = nlohmann::json::parse(run_cim({"hive", "ls", "--json", hive_, "KEY"}).output);
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0]["key"], "Key\\Sub");
  EXPECT_EQ(keys[0]["subkey_count"], 0);
  EXPECT_EQ(keys[0]["value_count"], 2);
}

TEST_F(HiveVerbs, FindSearchesNamesAndData) {
  const auto find = [this](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"hive", "find", hive_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_cim(arguments).output;
  };
  EXPECT_EQ(find({"s*"}), "Key\\Sub\n");
  EXPECT_EQ(find({"n*"}), "Key\\Sub: Number  REG_DWORD  258\nKey\\Sub: None  REG_NONE  \n");
  EXPECT_EQ(find({"Y"}), "Key: a \"quoted\\ name\"  REG_SZ  y\n");
  EXPECT_EQ(find({"--values", "y"}), "");
  EXPECT_EQ(find({"--data", "258"}), "Key\\Sub: Number  REG_DWORD  258\n");
  EXPECT_EQ(find({"--keys", "key\\*"}), "Key\\Sub\n");
  EXPECT_EQ(find({"--keys", "**\\sub"}), "Key\\Sub\n");
  EXPECT_EQ(find({"--keys", "*\\key"}), "");
  EXPECT_EQ(find({"--keys", "*", "Key"}), "Key\\Sub\n");
  const auto found = nlohmann::json::parse(find({"--json", "NUMBER"}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0]["match"][0], "name");
  EXPECT_EQ(found[0]["key"], "Key\\Sub");
  EXPECT_EQ(found[0]["value"]["number"], 258);
  const Outcome bad = run_cim({"hive", "find", hive_, "[a"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_THAT(bad.errors, HasSubstr("has no ']'"));
}

class HiveDiffVerb : public HiveVerbs {
 protected:
  HiveDiffVerb() {
    registry::HiveEditor editor(registry::Hive::open(hive_));
    const FileTime later{kTime.ticks + 10'000'000};
    editor.set_dword("Key\\Sub", "Number", 259, later);
    editor.remove_value("Key", "", later);
    editor.add_key("New\\Below", later);
    editor.set_text("New", "v", "text", later);
    editor.save(other_);
  }

  std::string other_ = path("other");
};

TEST_F(HiveDiffVerb, ListsKeysAndValues) {
  const Outcome outcome = run_cim({"hive", "diff", "--ignore", "time", hive_, other_});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.output,
            "changed  Key  (values)\n"
            "  removed  (default)  REG_SZ  x\n"
            "changed  Key\\Sub  (values)\n"
            "  changed  Number  REG_DWORD  258 -> REG_DWORD  259\n"
            "added    New\n"
            "  added    v  REG_SZ  text\n"
            "added    New\\Below\n");
  EXPECT_THAT(run_cim({"hive", "diff", hive_, other_}).output, HasSubstr("changed  \\  (time)\n"));
  EXPECT_EQ(run_cim({"hive", "diff", hive_, other_, "key\\sub"}).status, 1);
}

TEST_F(HiveDiffVerb, ExitsAsDiffDoes) {
  const Outcome same = run_cim({"hive", "diff", hive_, hive_});
  EXPECT_EQ(same.status, 0);
  EXPECT_EQ(same.output, "");
  EXPECT_EQ(run_cim({"hive", "diff", hive_, path("absent")}).status, 2);
  EXPECT_EQ(run_cim({"hive", "diff", "-", "-"}).status, 2);
  const Outcome quiet = run_cim({"hive", "diff", "--quiet", hive_, other_});
  EXPECT_EQ(quiet.status, 1);
  EXPECT_EQ(quiet.output, "");
}

TEST_F(HiveDiffVerb, HasBothSidesInJson) {
  const auto found =
      nlohmann::json::parse(run_cim({"hive", "diff", "--json", hive_, other_}).output);
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[2]["change"], "changed");
  EXPECT_EQ(found[2]["key"], "Key\\Sub");
  EXPECT_EQ(found[2]["fields"], (nlohmann::json{"time", "values"}));
  EXPECT_EQ(found[2]["before"]["time"], "2020-01-01T00:00:00.0000000Z");
  EXPECT_EQ(found[2]["after"]["time"], "2020-01-01T00:00:01.0000000Z");
  EXPECT_EQ(found[2]["values"][0]["before"]["number"], 258);
  EXPECT_EQ(found[2]["values"][0]["after"]["number"], 259);
  EXPECT_EQ(found[2]["values"][0]["fields"], (nlohmann::json{"data"}));
  EXPECT_EQ(found[3]["change"], "added");
  EXPECT_FALSE(found[3].contains("before"));
}

// Layers contain hives with any names.
TEST_F(HiveVerbs, ShowNoControlCharactersOnATerminal) {
  constexpr std::string_view kEscape = "\x1b[2J\xe2\x80\xae";
  const std::string name = "n" + std::string(kEscape);
  registry::HiveEditor editor("ROOT", kTime);
  editor.add_key(name + "\\" + name, kTime);
  editor.set_text(name, name, name + "\n" + name, kTime);
  editor.save(path("hostile"));
  const std::string hive = path("hostile");
  const std::vector<std::vector<std::string>> lines = {
      {"hive", "dump", hive},
      {"hive", "dump", "--unicode", "--comments", hive},
      {"hive", "get", hive, name},
      {"hive", "get", hive, name, name},
      {"hive", "ls", "-R", "-l", hive},
      {"hive", "find", hive, "*"},
      {"hive", "diff", hive, hive_},
      {"hive", "diff", hive_, hive},
      {"hive", "get", hive, name, "x" + name},
      {"hive", "get", hive, "x" + name},
      {"hive", "find", hive, "[" + name},
  };
  for (const std::vector<std::string>& line : lines) {
    for (const bool json : {false, true}) {
      std::vector<std::string> arguments = line;
      if (json) {
        arguments.emplace_back("--json");
      }
      const Outcome outcome =
          run_cim(arguments, {.output = {.is_terminal = true}, .errors = {.is_terminal = true}});
      EXPECT_FALSE(outcome.output.empty() && outcome.errors.empty()) << line[1];
      EXPECT_THAT(outcome.output + outcome.errors, testing::Not(HasSubstr("\x1b"))) << line[1];
      if (!json) {
        EXPECT_THAT(outcome.output + outcome.errors, testing::Not(HasSubstr("\xe2\x80\xae")))
            << line[1];
      }
    }
  }
}

TEST_F(HiveVerbs, ReadHivesInImages) {
  std::filesystem::create_directories(directory_.path() / "tree/config");
  std::filesystem::copy_file(hive_, directory_.path() / "tree/config/SYSTEM");
  const std::string image = path("hives.cim");
  ASSERT_EQ(run_cim({"create", image, path("tree")}).status, 0);
  EXPECT_EQ(run_cim({"hive", "ls", "--in", image, "config\\system"}).output, "Key\n");
  EXPECT_EQ(run_cim({"hive", "get", "--in", image, "/Config/SYSTEM", "Key", ""}).output, "x\n");
  EXPECT_EQ(run_cim({"hive", "check", "--strict", "--in", image, "config/SYSTEM"}).status, 0);
  EXPECT_EQ(run_cim({"hive", "diff", "--in", image, "config/SYSTEM", "config/SYSTEM"}).status, 0);
  EXPECT_EQ(run_cim({"hive", "diff", "--in", image, "--in", image, "--in", image, "a", "b"}).status,
            2);
  const Outcome absent = run_cim({"hive", "ls", "--in", image, "config/SAM"});
  EXPECT_EQ(absent.status, 1);
  EXPECT_THAT(absent.errors, HasSubstr("SAM"));
  const Outcome directory = run_cim({"hive", "ls", "--in", image, "config"});
  EXPECT_THAT(directory.errors, HasSubstr("is a directory"));
}

/// A torn hive, in which a number is 258, and its log, in which that is 259.
class TornHive : public HiveVerbs {
 protected:
  TornHive() {
    const Bytes before = bytes_of(hive_);
    registry::HiveEditor editor(registry::Hive::open(hive_));
    editor.set_dword("Key\\Sub", "Number", 259, kTime);
    const Bytes after = editor.to_bytes();
    auto head = registry::load<registry::BaseBlock>(before, 0);
    head.primary_sequence = 5;
    head.secondary_sequence = 4;
    head.checksum = registry::checksum_of(head);
    Bytes torn = before;
    std::memcpy(torn.data(), &head, sizeof(head));
    const auto bins = static_cast<std::uint32_t>(after.size() - registry::kBaseBlockSize);
    cim::test::LogBuilder log(head, 4);
    log.add(4, bins, {{0, Bytes(after.begin() + registry::kBaseBlockSize, after.end())}});
    write("torn", torn);
    write("torn.LOG1", log.bytes());
  }

  static Bytes bytes_of(const std::string& file) { return registry::read_hive(ByteSource(file)); }
  void write(const char* name, const Bytes& bytes) const {
    std::ofstream(path(name), std::ios::binary) << as_text(bytes);
  }

  std::string torn_ = path("torn");
  std::string log_ = path("torn.LOG1");
};

TEST_F(TornHive, IsReadWithItsLogOrAsItIs) {
  const Outcome refused = run_cim({"hive", "get", torn_, "Key\\Sub", "Number"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.errors, HasSubstr("torn"));
  EXPECT_EQ(run_cim({"hive", "get", "--as-is", torn_, "Key\\Sub", "Number"}).output, "258\n");
  const Outcome recovered = run_cim({"hive", "get", "--log", log_, torn_, "Key\\Sub", "Number"});
  EXPECT_EQ(recovered.output, "259\n") << recovered.errors;
}

TEST_F(TornHive, DiffersFromWhatItsLogMakesOfIt) {
  const Outcome outcome = run_cim({"hive", "diff", "--as-is", "--after-log", log_, torn_, torn_});
  EXPECT_EQ(outcome.output,
            "changed  Key\\Sub  (values)\n"
            "  changed  Number  REG_DWORD  258 -> REG_DWORD  259\n");
}

TEST_F(TornHive, IsReadWithItsLogInAnImage) {
  std::filesystem::create_directories(directory_.path() / "tree");
  std::filesystem::copy_file(torn_, directory_.path() / "tree/torn");
  std::filesystem::copy_file(log_, directory_.path() / "tree/torn.LOG1");
  const std::string image = path("torn.cim");
  ASSERT_EQ(run_cim({"create", image, path("tree")}).status, 0);
  const Outcome outcome =
      run_cim({"hive", "get", "--in", image, "--log", "torn.LOG1", "torn", "Key\\Sub", "Number"});
  EXPECT_EQ(outcome.output, "259\n") << outcome.errors;
}

TEST_F(HiveVerbs, CheckExitsAsDiffDoes) {
  EXPECT_EQ(run_cim({"hive", "check", "--strict", hive_}).status, 0);
  std::filesystem::resize_file(hive_, 9000);
  EXPECT_EQ(run_cim({"hive", "check", hive_}).status, 0);
  const Outcome strict = run_cim({"hive", "check", "--strict", hive_});
  EXPECT_EQ(strict.status, 1);
  EXPECT_THAT(strict.output, HasSubstr("note at byte 8192: 808 bytes after"));
  std::filesystem::resize_file(hive_, 5000);
  const Outcome damaged = run_cim({"hive", "check", "--json", hive_});
  EXPECT_EQ(damaged.status, 1);
  EXPECT_EQ(nlohmann::json::parse(damaged.output)["findings"][0]["severity"], "fault");
  EXPECT_EQ(run_cim({"hive", "check", path("absent")}).status, 2);
}

TEST_F(HiveVerbs, CheckExitsWithTwoIfItsOutputIsClosed) {
  test::FailingSink closed(test::FailingSink::Fault::kBrokenPipe);
  EXPECT_EQ(test::run_cim_into(closed, {"hive", "check", "--json", hive_}).status, 2);
}

TEST_F(HiveVerbs, MergeCreatesAFullHive) {
  const Outcome outcome = run_cim({"hive", "merge", "--json", hive_, hive_, path("out")});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(nlohmann::json::parse(outcome.output)["keys"], 3);
  EXPECT_EQ(registry::Hive::open(path("out")).key_count(), 3U);
  const Outcome again = run_cim({"hive", "merge", hive_, hive_, path("out")});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.errors, HasSubstr("already exists"));
}

}  // namespace
}  // namespace cim::cli
