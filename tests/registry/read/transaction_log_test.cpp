// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "expect_error.h"
#include "os/file.h"
#include "registry/damage_cases.h"
#include "registry/format/base_block.h"
#include "registry/format/cell_map.h"
#include "registry/hive_file.h"
#include "registry/log_builder.h"
#include "registry/read/hive_data.h"
#include "temporary_directory.h"

namespace cim::registry {
namespace {

using test::LogBuilder;
using Page = LogBuilder::Page;

/// A hive of one bin with a value, and the page as it is after the value changes.
class Recovery : public testing::Test {
 protected:
  static test::HiveFile hive_with(std::uint32_t number) {
    MutableTree model(u"ROOT");
    const Le32 stored = number;
    const ByteView data = std::as_bytes(std::span(&stored, 1));
    model.root().set_value({u"v", kRegDword, Bytes(data.begin(), data.end())});
    return test::HiveFile(model);
  }
  static Page page_with(std::uint32_t number) {
    const Bytes bytes = hive_with(number).bytes();
    return {0, Bytes(bytes.begin() + kBaseBlockSize, bytes.end())};
  }
  static BaseBlock head_of(const test::HiveFile& file) { return load<BaseBlock>(file.bytes(), 0); }

  /// Sequence numbers 5 and 4: an update was begun and not completed.
  static test::HiveFile torn() {
    test::HiveFile file = hive_with(1);
    file.set_u32(4, 5).set_u32(8, 4).fix_checksum();
    return file;
  }
  /// Returns the logs as files named LOG1, LOG2.
  static std::vector<LogFile> files(const std::vector<Bytes>& logs) {
    std::vector<LogFile> result;
    result.reserve(logs.size());
    for (const Bytes& log : logs) {
      result.push_back({"LOG" + std::to_string(result.size() + 1), log});
    }
    return result;
  }
  static std::uint32_t number_after(const test::HiveFile& file, const std::vector<Bytes>& logs) {
    const Bytes recovered = recover_from_logs(file.bytes(), "hive", files(logs), {});
    return Hive::from_bytes(recovered, "recovered").root().value("v")->dword().value();
  }
};

// Computed independently of this code, from the description of the hash.
TEST_F(Recovery, HashesAsDescribed) {
  EXPECT_EQ(log_hash({}), 0xB39EFCA403966E08U);
  EXPECT_EQ(log_hash(Bytes(4)), 0x2400585E2D116FBFU);
  EXPECT_EQ(log_hash(as_bytes("abcdefgh")), 0x253E0A1A576BA388U);
}

TEST_F(Recovery, AppliesEntriesInOrder) {
  LogBuilder log(head_of(torn()), 4);
  log.add(4, 4096, {page_with(2)}).add(5, 4096, {page_with(3)});
  EXPECT_EQ(number_after(torn(), {log.bytes()}), 3U);
}

TEST_F(Recovery, MarksTheHiveAsClean) {
  LogBuilder log(head_of(torn()), 4);
  log.add(4, 4096, {page_with(2)});
  const Bytes recovered = recover_from_logs(torn().bytes(), "hive", files({log.bytes()}), {});
  const auto head = load<BaseBlock>(recovered, 0);
  EXPECT_EQ(head.primary_sequence, 5U);
  EXPECT_EQ(head.secondary_sequence, 5U);
  EXPECT_TRUE(has_right_checksum(head));
}

TEST_F(Recovery, CombinesEntriesOfTwoLogs) {
  LogBuilder first(head_of(torn()), 4);
  first.add(4, 4096, {page_with(2)}).add(5, 4096, {page_with(3)});
  LogBuilder second(head_of(torn()), 6);
  second.add(6, 4096, {page_with(4)});
  EXPECT_EQ(number_after(torn(), {second.bytes(), first.bytes()}), 4U);
}

TEST_F(Recovery, StopsAtAGap) {
  LogBuilder first(head_of(torn()), 4);
  first.add(4, 4096, {page_with(2)});
  LogBuilder second(head_of(torn()), 7);
  second.add(7, 4096, {page_with(4)});
  EXPECT_EQ(number_after(torn(), {first.bytes(), second.bytes()}), 2U);
}

TEST_F(Recovery, StopsAtAnIncompleteEntry) {
  LogBuilder log(head_of(torn()), 4);
  log.add(4, 4096, {page_with(2)});
  const std::size_t second = log.bytes().size();
  log.add(5, 4096, {page_with(3)});
  log.bytes()[second + 100] ^= std::byte{1};
  EXPECT_EQ(number_after(torn(), {log.bytes()}), 2U);
}

TEST_F(Recovery, IgnoresEntriesOfAnEarlierUseOfTheLog) {
  LogBuilder log(head_of(torn()), 4);
  log.add(4, 4096, {page_with(2)}).add(3, 4096, {page_with(9)});
  EXPECT_EQ(number_after(torn(), {log.bytes()}), 2U);
}

TEST_F(Recovery, IgnoresEntriesAlreadyInTheHive) {
  LogBuilder log(head_of(torn()), 2);
  log.add(2, 4096, {page_with(8)}).add(3, 4096, {page_with(9)}).add(4, 4096, {page_with(2)});
  EXPECT_EQ(number_after(torn(), {log.bytes()}), 2U);
}

TEST_F(Recovery, EnlargesTheHive) {
  const test::HiveFile larger = test::sample_hive();
  const auto size = static_cast<std::uint32_t>(larger.bytes().size() - kBaseBlockSize);
  LogBuilder log(head_of(torn()), 4);
  log.add(4, size, {{0, Bytes(larger.bytes().begin() + kBaseBlockSize, larger.bytes().end())}});
  const Bytes recovered = recover_from_logs(torn().bytes(), "hive", files({log.bytes()}), {});
  EXPECT_EQ(Hive::from_bytes(recovered, "recovered").key_count(), 608U);
}

TEST_F(Recovery, RestoresADamagedHeadFromTheLog) {
  test::HiveFile file = torn();
  file.set_u32(36, 0x12345678);
  LogBuilder log(head_of(torn()), 4);
  log.add(4, 4096, {page_with(2)});
  EXPECT_EQ(number_after(file, {log.bytes()}), 2U);
}

TEST_F(Recovery, RefusesLogsThatDoNotBelongToTheHive) {
  LogBuilder log(head_of(torn()), 1);
  log.add(1, 4096, {page_with(2)});
  test::expect_error(ErrorCode::kCorrupt, "no entry that belongs to",
                     [&] { number_after(torn(), {log.bytes()}); });
  test::expect_error(ErrorCode::kCorrupt, "LOG1: 0 entries applied, it is not a transaction log",
                     [&] {
                       number_after(torn(), {test::value_bytes(5000), {}});
                     });
}

TEST_F(Recovery, RefusesLogsOfTheOldFormat) {
  LogBuilder log(head_of(torn()), 4);
  append(log.bytes(), as_bytes("DIRT"));
  test::expect_error(ErrorCode::kUnsupported, "Windows 8 and before",
                     [&] { number_after(torn(), {log.bytes()}); });
}

TEST_F(Recovery, ValidatesEachLogSeparatelyAndNamesIt) {
  LogBuilder old(head_of(torn()), 4);
  append(old.bytes(), as_bytes("DIRT"));
  LogBuilder good(head_of(torn()), 4);
  good.add(4, 4096, {page_with(2)});
  std::vector<std::string> warnings;
  const Bytes recovered =
      recover_from_logs(torn().bytes(), "hive", files({old.bytes(), good.bytes()}),
                        [&](const std::string& warning) { warnings.push_back(warning); });
  EXPECT_EQ(Hive::from_bytes(recovered, "recovered").root().value("v")->dword(), 2U);
  EXPECT_EQ(
      warnings,
      (std::vector<std::string>{
          "hive: torn while it was written, and recovered; LOG1: 0 entries applied, it has the "
          "format of Windows 8 and before, which is not supported; LOG2: 1 entry applied"}));
  test::expect_error(ErrorCode::kCorrupt,
                     "LOG1: 0 entries applied, it is empty; LOG2: 0 entries "
                     "applied, it is not a transaction log",
                     [&] {
                       number_after(torn(), {{}, Bytes(4096)});
                     });
}

TEST_F(Recovery, DetectsAGapBetweenTheHiveAndTheFirstEntry) {
  LogBuilder log(head_of(torn()), 5);
  log.add(5, 4096, {page_with(2)}).add(6, 4096, {page_with(3)});
  test::expect_error(ErrorCode::kCorrupt, "entry 4 is missing, so entry 5 cannot be applied",
                     [&] { number_after(torn(), {log.bytes()}); });
}

TEST_F(Recovery, NamesTheEntryThatIsMissingBetweenOthers) {
  LogBuilder log(head_of(torn()), 4);
  log.add(4, 4096, {page_with(2)}).add(6, 4096, {page_with(3)});
  std::string warned;
  static_cast<void>(recover_from_logs(torn().bytes(), "hive", files({log.bytes()}),
                                      [&](const std::string& warning) { warned += warning; }));
  EXPECT_NE(warned.find("LOG1: 1 entry applied, entry 5 is missing"), std::string::npos) << warned;
}

TEST_F(Recovery, AppliesAnEntryInBothLogsOnce) {
  LogBuilder log(head_of(torn()), 4);
  log.add(4, 4096, {page_with(2)}).add(5, 4096, {page_with(3)});
  EXPECT_EQ(number_after(torn(), {log.bytes(), log.bytes()}), 3U);
}

TEST_F(Recovery, RefusesLogsThatContradictEachOther) {
  LogBuilder one(head_of(torn()), 4);
  one.add(4, 4096, {page_with(2)});
  LogBuilder other(head_of(torn()), 4);
  other.add(4, 4096, {page_with(3)});
  test::expect_error(ErrorCode::kCorrupt, "entry 4 of LOG1 differs from that of LOG2", [&] {
    number_after(torn(), {one.bytes(), other.bytes()});
  });
}

TEST_F(Recovery, AcceptsLogsInMemory) {
  LogBuilder log(head_of(torn()), 4);
  log.add(4, 4096, {page_with(2)});
  const Hive hive = Hive::from_bytes(torn().bytes(), "hive", files({log.bytes()}), {});
  EXPECT_TRUE(hive.is_recovered());
  const ByteView bytes = hive.bytes();
  const Hive again = Hive::from_bytes(Bytes(bytes.begin(), bytes.end()), "again");
  EXPECT_EQ(again.root().value("v")->dword(), 2U);
}

TEST_F(Recovery, RefusesGrowthWithoutData) {
  LogBuilder log(head_of(torn()), 4);
  log.add(4, 0x40000000, {page_with(2)});
  test::expect_error(ErrorCode::kCorrupt, "without providing them",
                     [&] { number_after(torn(), {log.bytes()}); });
}

TEST_F(Recovery, IgnoresEntriesWithPagesOutsideOfTheHive) {
  LogBuilder log(head_of(torn()), 4);
  log.add(4, 4096, {{4096, Bytes(4096)}});
  test::expect_error(ErrorCode::kCorrupt, "it has no complete entry",
                     [&] { number_after(torn(), {log.bytes()}); });
}

TEST_F(Recovery, IsDoneByOpenWithLogs) {
  const test::TemporaryDirectory directory;
  const auto hive_path = directory.path() / "SYSTEM";
  const auto log_path = directory.path() / "SYSTEM.LOG1";
  File::create_new(hive_path).write_at(0, torn().bytes());
  LogBuilder log(head_of(torn()), 4);
  log.add(4, 4096, {page_with(2)});
  File::create_new(log_path).write_at(0, log.bytes());
  const Hive hive = Hive::open(hive_path, {.logs = {log_path}});
  EXPECT_TRUE(hive.is_recovered());
  EXPECT_EQ(hive.root().value("v")->dword(), 2U);
  EXPECT_EQ(read_whole_file(hive_path, 1 << 20), torn().bytes());
  // A clean hive does not need its logs, whatever they contain.
  const auto whole_path = directory.path() / "WHOLE";
  File::create_new(whole_path).write_at(0, hive_with(1).bytes());
  EXPECT_FALSE(Hive::open(whole_path, {.logs = {log_path}}).is_recovered());
}

}  // namespace
}  // namespace cim::registry
