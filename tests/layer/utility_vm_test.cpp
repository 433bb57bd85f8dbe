// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/utility_vm.h"

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "bcd/sample_store.h"
#include "expect_error.h"
#include "hex.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim::layer {
namespace {

constexpr FileTime kNow{133'000'000'000'000'000};
constexpr std::string_view kVersionKey = "Microsoft\\Windows NT\\CurrentVersion";

registry::HiveEditor software(std::string_view build) {
  registry::HiveEditor editor;
  editor.add_key(kVersionKey, kNow);
  editor.set_text(kVersionKey, "CurrentBuild", build, kNow);
  return editor;
}

registry::Hive hive(const registry::HiveEditor& editor) {
  return registry::Hive::from_bytes(editor.to_bytes(), "SOFTWARE");
}

std::uint16_t build_of(std::uint32_t type, std::string_view hex) {
  registry::HiveEditor editor = software("");
  editor.set_value(kVersionKey, "CurrentBuild", type, test::from_hex(hex), kNow);
  return build_number(hive(editor), "SOFTWARE");
}

TEST(BuildNumber, IsReadWithAndWithoutItsNul) {
  EXPECT_EQ(build_of(registry::kRegSz, "32 00 30 00 33 00 34 00 38 00 00 00"), 20348);
  EXPECT_EQ(build_of(registry::kRegSz, "32 00 30 00 33 00 34 00 38 00"), 20348);
  EXPECT_EQ(build_of(registry::kRegSz, "36 00 35 00 35 00 33 00 35 00 00 00"), 65535);
}

TEST(BuildNumber, IsRefusedWithTheReason) {
  const auto expect = [](std::string_view words, std::uint32_t type, std::string_view hex) {
    test::expect_error(ErrorCode::kCorrupt, words, [&] { (void)build_of(type, hex); });
  };
  expect("has type 4", registry::kRegDword, "7c 4f 00 00");
  expect("not a number up to 65535", registry::kRegSz, "36 00 35 00 35 00 33 00 36 00 00 00");
  expect("not a number up to 65535", registry::kRegSz, "2d 00 31 00 00 00");
  expect("not a number up to 65535", registry::kRegSz, "31 00 20 00 00 00");
  expect("not a number up to 65535", registry::kRegSz, "");
  expect("has 16 bytes", registry::kRegSz, "30 00 30 00 30 00 30 00 30 00 30 00 30 00 31 00");
  expect("has 18 bytes", registry::kRegSz, "30 00 30 00 30 00 30 00 30 00 30 00 30 00 31 00 00 00");
  expect("has 3 bytes", registry::kRegSz, "31 00 32");
  test::expect_error(ErrorCode::kCorrupt, "key Microsoft",
                     [] { (void)build_number(hive(registry::HiveEditor()), "SOFTWARE"); });
  registry::HiveEditor editor = software("1");
  editor.remove_value(kVersionKey, "CurrentBuild", kNow);
  test::expect_error(ErrorCode::kCorrupt, "value CurrentBuild does not exist",
                     [&] { (void)build_number(hive(editor), "SOFTWARE"); });
}

class UtilityVm : public testing::Test {
 protected:
  void SetUp() override {
    set_build("26100");
    registry::HiveEditor system;
    system.add_key("ControlSet001\\Services\\wcifs", kNow);
    system.set_dword("ControlSet001\\Services\\wcifs", "Start", 1, kNow);
    system.save(files_.system);
    File::create_new(files_.boot_store).write_at(0, test::sample_store());
  }

  void set_build(std::string_view build) const {
    software(build).save(files_.software, {.existing = registry::ExistingFile::kReplace});
  }

  UtilityVmReport process() const {
    bcd::CimBootOptions boot = test::sample_boot_options();
    boot.cim.clear();
    return process_utility_vm(files_, {.cim_boot = boot}, "\\cim-layers\\9.cim", kNow);
  }

  Bytes all_files() const {
    Bytes all;
    for (const auto& path : {files_.software, files_.system, files_.boot_store}) {
      append(all, read_whole_file(path, 1U << 20));
    }
    return all;
  }

  test::TemporaryDirectory directory_;
  UtilityVmFiles files_ = {directory_.path() / "SOFTWARE", directory_.path() / "SYSTEM",
                           directory_.path() / "BCD"};
};

TEST_F(UtilityVm, IsNotChangedByDefault) {
  const Bytes before = all_files();
  const UtilityVmReport report = process_utility_vm(files_, {}, "", kNow);
  EXPECT_EQ(report.build, 26100U);
  EXPECT_EQ(to_string(report.cim_boot), "not-asked");
  EXPECT_EQ(all_files(), before);
}

TEST_F(UtilityVm, IsEditedToBootFromItsImageOnRequest) {
  const UtilityVmReport report = process();
  EXPECT_EQ(to_string(report.cim_boot), "edited");
  EXPECT_EQ(report.boot_store.value().vmbus, bcd::VmbusEvidence::kEqual);
  const auto system = registry::Hive::open(files_.system);
  const auto value = [&](std::string_view key, std::string_view name) {
    return system.find(key)->value(name).value();
  };
  EXPECT_EQ(value("ControlSet001\\Control", "BootContainerGuid").text(),
            "{b890454c-80de-4e98-a7ab-56b74b4fbd0c}");
  EXPECT_EQ(value("ControlSet001\\Control", "BootContainerGuid").size(), 78U);
  EXPECT_EQ(value("ControlSet001\\Services\\UnionFS", "Start").dword(), 0U);
  EXPECT_EQ(value("ControlSet001\\Services\\wcifs", "Start").dword(), 4U);
  EXPECT_EQ(value("Setup", "BootPathOverride").text(), "\\Windows\\");
  EXPECT_EQ(value("Setup", "BootPathOverride").size(), 20U);
  EXPECT_EQ(system.minor_version(), 5U);
  const auto store = registry::Hive::open(files_.boot_store);
  EXPECT_EQ(
      as_text(test::element_data(store, "{763e9fea-502d-434f-aad9-5fabe9c91a7b}", "32000011")),
      as_text(test::from_hex("5c00 6300 6900 6d00 2d00 6c00 6100 7900 6500 7200 7300 5c00"
                             "3900 2e00 6300 6900 6d00 0000")));
}

TEST_F(UtilityVm, OfAnOldBuildIsNotChanged) {
  set_build("20348");
  const Bytes before = all_files();
  EXPECT_EQ(to_string(process().cim_boot), "too-old");
  EXPECT_EQ(all_files(), before);
}

TEST_F(UtilityVm, IsNotChangedIfOneEditFails) {
  std::filesystem::remove(files_.boot_store);
  registry::HiveEditor().save(files_.boot_store);
  const Bytes before = all_files();
  test::expect_error(ErrorCode::kCorrupt, "not a boot configuration store",
                     [&] { (void)process(); });
  EXPECT_EQ(all_files(), before);
}

TEST_F(UtilityVm, RequiresItsFiles) {
  files_.boot_store.clear();
  test::expect_error(ErrorCode::kCorrupt, "does not have this file", [&] { (void)process(); });
  files_.software.clear();
  test::expect_error(ErrorCode::kCorrupt, "config/SOFTWARE", [&] { (void)process(); });
}

}  // namespace
}  // namespace cim::layer
