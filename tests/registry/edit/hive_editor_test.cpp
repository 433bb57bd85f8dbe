// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "expect_error.h"
#include "os/file.h"
#include "registry/damage_cases.h"
#include "registry/hive_file.h"
#include "registry/hive_truth.h"
#include "temporary_directory.h"

namespace cim::registry {
namespace {

constexpr FileTime kNow{133'000'000'000'000'000};

Hive reopened(const HiveEditor& editor, const SaveOptions& options = {}) {
  Bytes bytes = editor.to_bytes(options);
  EXPECT_TRUE(check(bytes, {.min_severity = Severity::kNote}).findings.empty());
  return Hive::from_bytes(std::move(bytes), "edited");
}

Hive sample() {
  return Hive::from_bytes(test::sample_hive().bytes(), "sample");
}

TEST(HiveEditor, CreatesAnEmptyHiveAsOffregDoes) {
  const Hive hive = reopened(HiveEditor());
  EXPECT_EQ(hive.key_count(), 1U);
  EXPECT_EQ(hive.root().name(), "ROOT");
  const Key root = hive.root();
  EXPECT_EQ(root.descriptor().size(), 144U);
  EXPECT_EQ(hive.minor_version(), 5U);
}

TEST(HiveEditor, WritesAnUnchangedHiveUnchanged) {
  const Bytes bytes = test::sample_hive().bytes();
  EXPECT_EQ(HiveEditor(Hive::from_bytes(bytes, "sample")).to_bytes(), bytes);
}

TEST(HiveEditor, WritesTheSameBytesAfterReadingKeys) {
  HiveEditor editor(sample());
  EXPECT_TRUE(editor.exists("Beta\\Kid"));
  EXPECT_TRUE(editor.exists("Many\\Sub0300"));
  EXPECT_FALSE(editor.exists("Many\\None"));
  EXPECT_EQ(editor.to_bytes(), test::sample_hive().bytes());
}

TEST(HiveEditor, CreatesKeysWithTheirParents) {
  HiveEditor editor(sample());
  EXPECT_TRUE(editor.add_key("beta\\New\\Deeper", kNow));
  EXPECT_FALSE(editor.add_key("BETA\\new", kNow));
  const Hive hive = reopened(editor);
  const Key made = *hive.find("Beta\\New\\Deeper");
  EXPECT_EQ(made.time(), kNow);
  EXPECT_EQ(hive.find("Beta")->time(), kNow);
  EXPECT_NE(hive.root().time(), kNow);
  const auto same = hive.find("Beta")->descriptor();
  EXPECT_TRUE(
      std::equal(made.descriptor().begin(), made.descriptor().end(), same.begin(), same.end()));
}

TEST(HiveEditor, SetsValuesInTheirPlaceAndSpelling) {
  HiveEditor editor(sample());
  editor.set_dword("", "TEXT", 7, kNow);
  editor.set_text("Gamma", "new", "caf\xC3\xA9", kNow);
  const Hive hive = reopened(editor);
  EXPECT_EQ(hive.root().value("text")->dword(), 7U);
  EXPECT_EQ(hive.root().value("text")->name(), "Text");
  EXPECT_EQ(hive.root().values().size(), 7U);
  EXPECT_EQ(hive.find("Gamma")->value("new")->text(), "caf\xC3\xA9");
  EXPECT_EQ(hive.find("Gamma")->value("new")->size(), 10U);
  EXPECT_EQ(hive.find("Gamma")->time(), kNow);
}

TEST(HiveEditor, DeletesValuesAndTrees) {
  HiveEditor editor(sample());
  EXPECT_TRUE(editor.remove_value("", "big", kNow));
  EXPECT_FALSE(editor.remove_value("", "big", kNow));
  EXPECT_TRUE(editor.remove_key("MANY", kNow));
  EXPECT_FALSE(editor.remove_key("Many", kNow));
  EXPECT_FALSE(editor.remove_key("None\\Deeper", kNow));
  const Hive hive = reopened(editor);
  EXPECT_EQ(hive.key_count(), 7U);
  EXPECT_FALSE(hive.root().value("Big").has_value());
}

TEST(HiveEditor, RefusesInvalidNames) {
  HiveEditor editor(sample());
  test::expect_error(ErrorCode::kInvalidArgument, "root cannot be removed",
                     [&] { editor.remove_key("\\", kNow); });
  test::expect_error(ErrorCode::kInvalidArgument, "1 to 255 characters",
                     [&] { editor.add_key(std::string(256, 'x'), kNow); });
  test::expect_error(ErrorCode::kInvalidArgument, "well-formed",
                     [&] { editor.add_key("\xFF", kNow); });
  test::expect_error(ErrorCode::kNotFound, "no such key",
                     [&] { editor.set_dword("None", "v", 1, kNow); });
  std::string deep;
  for (int depth = 0; depth < 512; ++depth) {
    deep += "k\\";
  }
  test::expect_error(ErrorCode::kLimit, "512 levels", [&] { editor.add_key(deep, kNow); });
  test::expect_error(ErrorCode::kUnsupported, "unsupported OS version 4.0", [&] {
    (void)editor.to_bytes({.os_version = OsVersion{4, 0}});
  });
}

TEST(HiveEditor, KeepsTheVersionByDefault) {
  BuildOptions old;
  old.minor_version = 3;
  const HiveEditor editor(
      Hive::from_bytes(test::HiveFile(test::sample_model(), old).bytes(), "old"));
  EXPECT_EQ(reopened(editor).minor_version(), 3U);
  EXPECT_EQ(reopened(editor, {.os_version = OsVersion{10, 0}}).minor_version(), 5U);
}

TEST(HiveEditor, KeepsLayersOfADelta) {
  HiveEditor editor(Hive::from_bytes(test::sample_delta().bytes(), "delta"));
  editor.add_key("New", kNow);
  const Hive hive = reopened(editor);
  EXPECT_TRUE(hive.is_layered());
  EXPECT_EQ(hive.find("Deleted")->layer(), LayerSemantics::kTombstone);
  EXPECT_TRUE(hive.find("Changed")->value("Gone")->is_tombstone());
}

TEST(HiveEditor, SavesToATemporaryFileAndRenames) {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "SYSTEM";
  const HiveEditor editor(sample());
  editor.save(path);
  test::expect_error(ErrorCode::kExists, "SYSTEM", [&] { editor.save(path); });
  editor.save(path, {.existing = ExistingFile::kReplace});
  EXPECT_EQ(read_whole_file(path, 1 << 20), test::sample_hive().bytes());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

// The edits that the layer writer makes to a utility VM's SYSTEM hive.
TEST(HiveEditor, SupportsTheEditsForCimBoot) {
  HiveEditor editor("ROOT", kNow);
  for (const char* key : {"ControlSet001\\Control", "ControlSet001\\Services\\UnionFS",
                          "ControlSet001\\Services\\wcifs", "Setup"}) {
    editor.add_key(key, kNow);
  }
  editor.set_text("ControlSet001\\Control", "BootContainerGuid",
                  "{b890454c-80de-4e98-a7ab-56b74b4fbd0c}", kNow);
  editor.set_dword("ControlSet001\\Services\\UnionFS", "Start", 0, kNow);
  editor.set_dword("ControlSet001\\Services\\wcifs", "Start", 4, kNow);
  editor.set_text("Setup", "BootPathOverride", "\\Windows\\", kNow);
  const Hive hive = reopened(editor);
  EXPECT_EQ(hive.find("ControlSet001\\Control")->value("BootContainerGuid")->size(), 78U);
  EXPECT_EQ(hive.find("Setup")->value("BootPathOverride")->size(), 20U);
  EXPECT_EQ(hive.find("ControlSet001\\Services\\wcifs")->value("start")->dword(), 4U);
}

}  // namespace
}  // namespace cim::registry
