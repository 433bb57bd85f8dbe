// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "offreg/offreg_test.h"
#include "registry/damage_cases.h"
#include "registry/hive_file.h"

namespace cim::test {
namespace {

using OrCreateHiveTest = OffregTest;
using OrOpenHiveTest = OffregTest;
using OrCloseHiveTest = OffregTest;
using OrSaveHiveTest = OffregTest;
using OrMergeHivesTest = OffregTest;
using OrVersionTest = OffregTest;

TEST_F(OrCreateHiveTest, CreatesAnEmptyHive) {
  const ORHKEY hive = create_hive();
  EXPECT_TRUE(subkeys_of(hive).empty());
  const auto file = saved(hive, "empty");
  EXPECT_EQ(file.root().name(), "ROOT");
  EXPECT_EQ(file.key_count(), 1U);
  EXPECT_GT(file.root().time(), FileTime{});
}

TEST_F(OrOpenHiveTest, OpensAHive) {
  const ORHKEY hive = open_bytes("sample", sample_hive().bytes());
  EXPECT_EQ(subkeys_of(open_key(hive, u"Many")).size(), 600U);
  EXPECT_EQ(ORCloseHive(hive), ERROR_SUCCESS);
}

TEST_F(OrOpenHiveTest, RefusesWhatIsNotAHive) {
  ORHKEY hive = &hive;
  EXPECT_EQ(OROpenHive(wide(path("none")), &hive), ERROR_FILE_NOT_FOUND);
  EXPECT_EQ(hive, nullptr);
  EXPECT_EQ(OROpenHive(wide(path("none/deeper")), &hive), ERROR_FILE_NOT_FOUND);
  EXPECT_EQ(OROpenHive(wide(path("")), &hive), ERROR_ACCESS_DENIED);
  write(path("empty"), {});
  EXPECT_EQ(OROpenHive(wide(path("empty")), &hive), ERROR_BADDB);
  write(path("short"), value_bytes(100));
  EXPECT_EQ(OROpenHive(wide(path("short")), &hive), ERROR_NOT_REGISTRY_FILE);
  write(path("other"), value_bytes(10000));
  EXPECT_EQ(OROpenHive(wide(path("other")), &hive), ERROR_NOT_REGISTRY_FILE);
}

TEST_F(OrOpenHiveTest, RefusesAFileOfMoreThan4Gigabytes) {
  File::create_new(path("large")).resize(std::uint64_t{1} << 32);
  ORHKEY hive = nullptr;
  EXPECT_EQ(OROpenHive(wide(path("large")), &hive), ERROR_BADDB);
}

bool opens(const std::filesystem::path& file) {
  try {
    registry::Hive::open(file);
    return true;
  } catch (const Error&) {
    return false;
  }
}

TEST_F(OrOpenHiveTest, RefusesWhatTheLibraryRefuses) {
  int refused = 0;
  for (std::size_t i = 0; i < damage_cases().size(); ++i) {
    const DamageCase& damage = damage_cases()[i];
    HiveFile file = sample_hive();
    damage.damage(file);
    const auto name = path("damaged" + std::to_string(i));
    write(name, file.bytes());
    const bool is_valid = opens(name);
    ORHKEY hive = nullptr;
    const DWORD due = is_valid               ? DWORD{ERROR_SUCCESS}
                      : file.bytes().empty() ? DWORD{ERROR_BADDB}
                                             : DWORD{ERROR_NOT_REGISTRY_FILE};
    EXPECT_EQ(OROpenHive(wide(name), &hive), due) << damage.name;
    refused += is_valid ? 0 : 1;
  }
  EXPECT_GT(refused, 20);
}

TEST_F(OrCloseHiveTest, ClosesAllKeys) {
  const ORHKEY hive = create_hive();
  const ORHKEY other = create_hive();
  const ORHKEY key = create_key(hive, u"Key");
  EXPECT_EQ(ORCloseHive(key), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORCloseHive(hive), ERROR_SUCCESS);
  EXPECT_EQ(ORCloseHive(hive), ERROR_INVALID_HANDLE);
  EXPECT_EQ(ORCloseKey(key), ERROR_INVALID_HANDLE);
  EXPECT_EQ(ORSetValue(key, nullptr, 0, nullptr, 0), ERROR_INVALID_HANDLE);
  EXPECT_EQ(ORSetValue(other, nullptr, 0, nullptr, 0), ERROR_SUCCESS);
}

TEST_F(OrSaveHiveTest, KeepsTheBytesOfAnUnchangedHive) {
  const ORHKEY hive = open_bytes("sample", sample_hive().bytes());
  EXPECT_EQ(ORSaveHive(hive, wide(path("a")), 6, 1), ERROR_SUCCESS);
  EXPECT_EQ(ORSaveHive(hive, wide(path("b")), 10, 0), ERROR_SUCCESS);
  const Bytes a = read(path("a"));
  const Bytes b = read(path("b"));
  EXPECT_TRUE(equal(ByteView(a).subspan(4096), ByteView(b).subspan(4096)));
  EXPECT_TRUE(equal(ByteView(a).subspan(4096), ByteView(sample_hive().bytes()).subspan(4096)));
}

TEST_F(OrSaveHiveTest, RefusesAnExistingFile) {
  const ORHKEY hive = create_hive();
  write(path("there"), value_bytes(10));
  EXPECT_EQ(ORSaveHive(hive, wide(path("there")), 10, 0), ERROR_ALREADY_EXISTS);
  EXPECT_EQ(read(path("there")), value_bytes(10));
  EXPECT_EQ(ORSaveHive(hive, wide(path("")), 10, 0), ERROR_ALREADY_EXISTS);
}

TEST_F(OrSaveHiveTest, RequiresADirectoryAndAKnownVersion) {
  const ORHKEY hive = create_hive();
  EXPECT_EQ(ORSaveHive(hive, wide(path("none/file")), 10, 0), ERROR_PATH_NOT_FOUND);
  EXPECT_EQ(ORSaveHive(hive, wide(path("file")), 4, 0), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORSaveHive(hive, u""_w, 10, 0), ERROR_INVALID_PARAMETER);
  EXPECT_FALSE(std::filesystem::exists(path("file")));
  for (const auto& [major, minor] : {std::pair{5, 1}, {5, 2}, {6, 0}, {6, 1}, {6, 3}, {10, 0}}) {
    const auto name = path(std::to_string(major) + "." + std::to_string(minor));
    EXPECT_EQ(ORSaveHive(hive, wide(name), static_cast<DWORD>(major), static_cast<DWORD>(minor)),
              ERROR_SUCCESS);
    EXPECT_EQ(registry::Hive::open(name).minor_version(), 5U);
  }
}

TEST_F(OrSaveHiveTest, SavesPartOfAHive) {
  const ORHKEY hive = open_bytes("sample", sample_hive().bytes());
  const auto part = saved(open_key(hive, u"many"), "part");
  EXPECT_EQ(part.root().name(), "Many");
  EXPECT_EQ(part.key_count(), 601U);
}

TEST_F(OrSaveHiveTest, KeepsTheLayersOfADelta) {
  const ORHKEY hive = open_bytes("delta", sample_delta().bytes());
  create_key(hive, u"New");
  const auto file = saved(hive, "edited");
  EXPECT_TRUE(file.is_layered());
  EXPECT_EQ(file.find("Deleted")->layer(), registry::LayerSemantics::kTombstone);
}

// ---- merging ----

TEST_F(OrMergeHivesTest, WritesTheBytesOfTheLibrarysMerge) {
  std::array<ORHKEY, 2> hives{open_bytes("base", sample_hive().bytes()),
                              open_bytes("delta", sample_delta().bytes())};
  ORHKEY merged = nullptr;
  ASSERT_EQ(ORMergeHives(hives.data(), 2, &merged), ERROR_SUCCESS);
  std::filesystem::create_directory(path("a"));
  std::filesystem::create_directory(path("b"));
  ASSERT_EQ(ORSaveHive(merged, wide(path("a/MERGED")), 10, 0), ERROR_SUCCESS);
  registry::merge(path("base"), {path("delta")}, path("b/MERGED"));
  EXPECT_EQ(read(path("a/MERGED")), read(path("b/MERGED")));
}

TEST_F(OrMergeHivesTest, AppliesSeveralDeltasInOrder) {
  std::array<ORHKEY, 3> hives{open_bytes("base", sample_hive().bytes()),
                              open_bytes("delta", sample_delta().bytes()), create_hive()};
  set_dword(create_key(hives[2], u"Upper"), u"v", 7);
  EXPECT_EQ(ORSaveHive(hives[2], wide(path("upper")), 10, 0), ERROR_SUCCESS);
  ORHKEY merged = nullptr;
  ASSERT_EQ(ORMergeHives(hives.data(), 3, &merged), ERROR_SUCCESS);
  EXPECT_EQ(dword(merged, u"upper", u"v"), 7U);
  std::filesystem::create_directory(path("a"));
  ASSERT_EQ(ORSaveHive(merged, wide(path("a/MERGED")), 10, 0), ERROR_SUCCESS);
  registry::merge(path("base"), {path("delta"), path("upper")}, path("MERGED"));
  EXPECT_EQ(read(path("a/MERGED")), read(path("MERGED")));
}

TEST_F(OrMergeHivesTest, MergesChangesThatWereNotSaved) {
  std::array<ORHKEY, 2> hives{create_hive(), create_hive()};
  set_dword(create_key(hives[0], u"Key"), u"below", 1);
  set_dword(create_key(hives[1], u"KEY"), u"above", 2);
  ORHKEY merged = nullptr;
  ASSERT_EQ(ORMergeHives(hives.data(), 2, &merged), ERROR_SUCCESS);
  EXPECT_EQ(dword(merged, u"Key", u"below"), 1U);
  EXPECT_EQ(dword(merged, u"Key", u"above"), 2U);
  for (const ORHKEY hive : hives) {
    EXPECT_EQ(ORCloseHive(hive), ERROR_SUCCESS);
  }
  set_dword(merged, u"later", 3);
  EXPECT_EQ(saved(merged, "merged").root().value("later")->dword(), 3U);
}

TEST_F(OrMergeHivesTest, RequiresTwoRoots) {
  std::array<ORHKEY, 2> hives{create_hive(), create_hive()};
  ORHKEY merged = nullptr;
  EXPECT_EQ(ORMergeHives(hives.data(), 1, &merged), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORMergeHives(hives.data(), 0, &merged), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORMergeHives(nullptr, 2, &merged), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORMergeHives(hives.data(), 2, nullptr), ERROR_INVALID_PARAMETER);
  hives[1] = create_key(hives[0], u"Key");
  EXPECT_EQ(ORMergeHives(hives.data(), 2, &merged), ERROR_INVALID_PARAMETER);
  hives[1] = nullptr;
  merged = &merged;
  EXPECT_EQ(ORMergeHives(hives.data(), 2, &merged), ERROR_INVALID_HANDLE);
  EXPECT_EQ(merged, nullptr);
}

TEST_F(OrMergeHivesTest, RefusesADeltaWhoseRootIsDeleted) {
  registry::MutableTree tree(u"ROOT");
  tree.root().attributes().layer = 1;
  registry::BuildOptions layered;
  layered.minor_version = 6;
  layered.layered = true;
  std::array<ORHKEY, 2> hives{create_hive(), open_bytes("delta", tree.to_bytes(layered))};
  ORHKEY merged = nullptr;
  EXPECT_EQ(ORMergeHives(hives.data(), 2, &merged), ERROR_BADDB);
}

TEST_F(OrVersionTest, IsThatOfTheReference) {
  DWORD major = 9;
  DWORD minor = 9;
  EXPECT_EQ(ORGetVersion(&major, &minor), ERROR_SUCCESS);
  EXPECT_EQ(major, 1U);
  EXPECT_EQ(minor, 0U);
  EXPECT_EQ(ORGetVersion(&major, nullptr), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORStart(), ERROR_SUCCESS);
  EXPECT_EQ(ORShutdown(), ERROR_SUCCESS);
}

}  // namespace
}  // namespace cim::test
