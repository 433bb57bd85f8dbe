// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fstream>
#include <map>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/bcd.h"
#include "cimlib/error.h"

#include "expect_error.h"
#include "hex.h"
#include "os/file.h"
#include "sample_store.h"
#include "temporary_directory.h"

namespace cim::bcd {
namespace {

using test::element_data;
using test::expect_error;
using test::hive_of;
using test::kSampleEntry;
using test::sample_boot_options;
using test::sample_store;

constexpr std::string_view kCim = "{763e9fea-502d-434f-aad9-5fabe9c91a7b}";
constexpr std::string_view kComposite = "{e1787220-d17f-49e7-977a-d8fe4c8537e2}";
constexpr FileTime kNow{133'000'000'000'000'000};

EditedStore edited(Bytes store, const CimBootOptions& options = sample_boot_options()) {
  return edit_for_cim_boot(hive_of(std::move(store)), "store", options);
}

using Values = std::map<std::string, std::string>;

void collect(const registry::Key& key, const std::string& path, Values& into) {
  into[path] = "key";
  for (const registry::Value value : key.values()) {
    into[path + " " + value.name()] = std::to_string(value.type()) + ":" + to_hex(value.data());
  }
  for (const registry::Key subkey : key.subkeys()) {
    collect(subkey, path + "\\" + subkey.name(), into);
  }
}

Values values_of(const registry::Hive& hive) {
  Values values;
  collect(hive.root(), "", values);
  return values;
}

// The eleven calls, with the bytes of the reference's hex dumps.
TEST(CimBoot, SetsTheElementsThatBcdeditSets) {
  const registry::Hive store = hive_of(edited(sample_store()).bytes);
  const auto hex = [&](std::string_view object, std::string_view element) {
    return to_hex(element_data(store, object, element));
  };
  EXPECT_EQ(hex(kSampleEntry, "16000053"), "01");
  EXPECT_EQ(hex(kCim, "31000012").substr(0, 96),
            "0000000000000000000000000000000007000000000000004800000000000000"
            "c3c176c376d2d24890a9c04748072c60");
  EXPECT_EQ(hex(kCim, "32000011"), to_hex(test::from_hex(R"(
    5c 00 63 00 69 00 6d 00 2d 00 6c 00 61 00 79 00
    65 00 72 00 73 00 5c 00 34 00 32 00 2e 00 63 00
    69 00 6d 00 00 00)")));
  EXPECT_EQ(hex(kComposite, "3100000e").substr(64, 32), "c1d0e0f1a3b28594766758493a2b1c0d");
  EXPECT_EQ(hex(kComposite, "3100000f").size(), 2U * 64);
  EXPECT_EQ(hex(kSampleEntry, "11000001"), hex(kSampleEntry, "21000001"));
  EXPECT_EQ(hex(kSampleEntry, "11000001").substr(0, 64),
            "207278e17fd1e749977ad8fe4c8537e20a000000010000004800000000000000");
  EXPECT_EQ(element_data(store, kCim, "12000004").size(), 42U);
  EXPECT_EQ(element_data(store, kComposite, "12000004").size(), 50U);
  EXPECT_EQ(element_data(store, kSampleEntry, "12000002").size(), 92U);
  EXPECT_EQ(element_data(store, kSampleEntry, "22000002").size(), 50U);
}

TEST(CimBoot, ChangesNothingElse) {
  const Values before = values_of(hive_of(sample_store()));
  Values after = values_of(hive_of(edited(sample_store()).bytes));
  std::vector<std::string> changed;
  for (const auto& [name, value] : before) {
    ASSERT_TRUE(after.contains(name)) << name;
    if (after[name] != value) {
      changed.push_back(name.substr(name.size() - 16));
    }
    after.erase(name);
  }
  EXPECT_THAT(changed, testing::UnorderedElementsAre("11000001 Element", "12000002 Element",
                                                     "21000001 Element", "22000002 Element"));
  for (const auto& [name, value] : after) {
    EXPECT_THAT(name, testing::AnyOf(testing::HasSubstr(kCim), testing::HasSubstr(kComposite),
                                     testing::HasSubstr("16000053")));
  }
  EXPECT_EQ(after.at("\\Objects\\" + std::string(kCim) + "\\Description Type"), "4:00000030");
}

TEST(CimBoot, KeepsTheVersionOfTheHiveAndItsOrder) {
  const EditedStore result = edited(sample_store());
  EXPECT_EQ(hive_of(result.bytes).minor_version(), 3U);
  EXPECT_TRUE(registry::check(result.bytes, {.min_severity = Severity::kNote}).findings.empty());
  EXPECT_EQ(to_hex(Sha256::of(edited(sample_store()).bytes)), to_hex(Sha256::of(result.bytes)));
}

TEST(CimBoot, ReportsTheOpenQuestions) {
  const CimBootReport report = edited(sample_store()).report;
  EXPECT_EQ(report.entry, kSampleEntry);
  EXPECT_EQ(report.vmbus, VmbusEvidence::kEqual);
  EXPECT_THAT(report.kept_elements, testing::ElementsAre("12000004"));
  EXPECT_THAT(report.warnings, testing::IsEmpty());
  std::string ids;
  for (const OpenQuestion& fact : report.unverified) {
    ids += std::string(fact.id) + " ";
  }
  EXPECT_EQ(ids, "U1 U2 U3 U4 U7 U9 U10 U11 U12 ");
}

TEST(CimBoot, RequiresConsentToUnverifiedRecords) {
  CimBootOptions options = sample_boot_options();
  options.unverified = Unverified::kRefuse;
  expect_error(ErrorCode::kUnsupported, "it is not verified",
               [&] { (void)edited(sample_store(), options); });
}

TEST(CimBoot, WritesTheLongRecordOnRequest) {
  CimBootOptions options = sample_boot_options();
  options.cim_record = CimRecord::kLong;
  const registry::Hive store = hive_of(edited(sample_store(), options).bytes);
  EXPECT_EQ(element_data(store, kComposite, "3100000f").size(), 88U);
}

TEST(CimBoot, EditsAStoreAgainOnlyOnRequest) {
  const Bytes once = edited(sample_store()).bytes;
  expect_error(ErrorCode::kExists, "already exists", [&] { (void)edited(once); });
  CimBootOptions options = sample_boot_options();
  options.existing = ExistingObjects::kReplace;
  options.other_vmbus = OtherVmbus::kAccept;
  EXPECT_EQ(values_of(hive_of(edited(once, options).bytes)), values_of(hive_of(once)));
}

TEST(CimBoot, NeverReplacesAnObjectOfAnotherKind) {
  registry::HiveEditor editor = test::sample_store_editor();
  const std::string description = "Objects\\" + std::string(kCim) + "\\Description";
  editor.add_key(description, kNow);
  editor.set_dword(description, "Type", 0x10200003, kNow);
  CimBootOptions options = sample_boot_options();
  options.existing = ExistingObjects::kReplace;
  expect_error(ErrorCode::kCorrupt, "device options",
               [&] { (void)edited(editor.to_bytes(), options); });
}

TEST(CimBoot, RefusesAnotherVmbusRecordByDefault) {
  registry::HiveEditor editor = test::sample_store_editor();
  const std::string path = test::sample_element(kSampleEntry, "21000001");
  Bytes other = element_data(hive_of(sample_store()), kSampleEntry, "21000001");
  other[0x20] ^= std::byte{1};
  editor.set_value(path, "Element", registry::kRegBinary, other, kNow);
  expect_error(ErrorCode::kUnsupported, "U8", [&] { (void)edited(editor.to_bytes()); });
  CimBootOptions options = sample_boot_options();
  options.other_vmbus = OtherVmbus::kAccept;
  const CimBootReport report = edited(editor.to_bytes(), options).report;
  EXPECT_EQ(report.vmbus, VmbusEvidence::kDifferent);
  EXPECT_EQ(report.warnings.size(), 1U);
}

TEST(CimBoot, AcceptsAMissingVmbusRecordAndWarnsOfABrokenDevice) {
  registry::HiveEditor editor = test::sample_store_editor();
  editor.remove_key(test::sample_element(kSampleEntry, "21000001"), kNow);
  editor.set_value(test::sample_element(kSampleEntry, "11000001"), "Element", registry::kRegBinary,
                   Bytes(30), kNow);
  const CimBootReport report = edited(editor.to_bytes()).report;
  EXPECT_EQ(report.vmbus, VmbusEvidence::kAbsent);
  EXPECT_EQ(report.warnings.size(), 1U);
}

TEST(CimBoot, RefusesElementsOfAnotherForm) {
  registry::HiveEditor editor = test::sample_store_editor();
  editor.set_dword(test::sample_element(kSampleEntry, "12000002"), "Element", 1, kNow);
  expect_error(ErrorCode::kCorrupt, "12000002", [&] { (void)edited(editor.to_bytes()); });
}

TEST(CimBoot, RefusesZeroGuids) {
  CimBootOptions options = sample_boot_options();
  options.scratch.disk = {};
  expect_error(ErrorCode::kInvalidArgument, "must not be zero",
               [&] { (void)edited(sample_store(), options); });
  options.scratch.disk = options.scratch.partition;
  expect_error(ErrorCode::kInvalidArgument, "the same GUID",
               [&] { (void)edited(sample_store(), options); });
}

TEST(CimBoot, AddsTheBackslashInFrontOfTheImage) {
  CimBootOptions options = sample_boot_options();
  options.cim = "cim-layers\\42.CIM";
  const registry::Hive store = hive_of(edited(sample_store(), options).bytes);
  EXPECT_EQ(store.find(test::sample_element(kCim, "32000011"))->value("Element")->text(),
            "\\cim-layers\\42.CIM");
}

TEST(CimBoot, RefusesPathsThatAreNotImagesOnTheShare) {
  using namespace std::string_literals;
  for (const std::string& path :
       {""s, "\\"s, "\\\\server\\42.cim"s, "cim-layers/42.cim"s, "C:\\cim-layers\\42.cim"s,
        "\\..\\42.cim"s, "\\.\\42.cim"s, "\\a\\\\42.cim"s, "\\a\\"s, "\\42.vhd"s, "\\4\0.cim"s,
        "\\4\n.cim"s, "\\4*.cim"s, "\\\xFF.cim"s, "\\\xED\xA0\x80.cim"s, "\\a.cim\\b"s}) {
    CimBootOptions options = sample_boot_options();
    options.cim = path;
    expect_error(ErrorCode::kInvalidArgument, "image's",
                 [&] { (void)edited(sample_store(), options); });
  }
}

class StoreFile : public testing::Test {
 protected:
  void SetUp() override { write(sample_store()); }

  void write(const Bytes& bytes) const { std::ofstream(path_, std::ios::binary) << as_text(bytes); }
  Bytes content() const { return read_whole_file(path_, 1U << 20); }

  void expect_untouched(ErrorCode code, std::string_view words) const {
    const Bytes before = content();
    expect_error(code, words, [&] { (void)edit_for_cim_boot(path_, sample_boot_options()); });
    EXPECT_EQ(content(), before);
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "BCD";
};

TEST_F(StoreFile, IsReplacedAndKeepsItsPermissions) {
  std::filesystem::permissions(path_, std::filesystem::perms::owner_read);
  std::filesystem::create_hard_link(path_, directory_.path() / "same file");
  (void)edit_for_cim_boot(path_, sample_boot_options());
  EXPECT_EQ(content(), edited(sample_store()).bytes);
  EXPECT_EQ(std::filesystem::status(path_).permissions(), std::filesystem::perms::owner_read);
  EXPECT_EQ(read_whole_file(directory_.path() / "same file", 1U << 20), sample_store());
}

TEST_F(StoreFile, IsNotChangedIfItIsNotAValidHive) {
  Bytes bytes = sample_store();
  bytes[4] ^= std::byte{1};
  write(bytes);
  expect_untouched(ErrorCode::kCorrupt, "");
  write({});
  expect_untouched(ErrorCode::kCorrupt, "");
  bytes = sample_store();
  bytes.resize(6000);
  write(bytes);
  expect_untouched(ErrorCode::kCorrupt, "");
}

TEST_F(StoreFile, IsNotEditedWithANonEmptyLog) {
  const auto log = directory_.path() / "BCD.LOG1";
  std::ofstream(log, std::ios::binary) << "";
  std::ofstream(directory_.path() / "BCD.LOG2", std::ios::binary) << "x";
  expect_untouched(ErrorCode::kUnsupported, "BCD.LOG2");
}

TEST_F(StoreFile, IsNotEditedIfALogCannotBeLookedAt) {
  std::filesystem::create_symlink("BCD.LOG1", directory_.path() / "BCD.LOG1");  // leads to itself
  expect_untouched(ErrorCode::kInvalidArgument, "BCD.LOG1");
}

TEST_F(StoreFile, IsNotEditedThroughALink) {
  const auto link = directory_.path() / "link";
  std::filesystem::create_symlink(path_, link);
  expect_error(ErrorCode::kUnsupported, "a symbolic link",
               [&] { (void)edit_for_cim_boot(link, sample_boot_options()); });
  expect_error(ErrorCode::kNotFound, "",
               [&] { (void)edit_for_cim_boot(directory_.path() / "none", sample_boot_options()); });
  expect_error(ErrorCode::kInvalidArgument, "",
               [&] { (void)edit_for_cim_boot(directory_.path(), sample_boot_options()); });
}

}  // namespace
}  // namespace cim::bcd
