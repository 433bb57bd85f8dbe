// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "bcd/store.h"

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "bcd/element.h"
#include "expect_error.h"
#include "sample_store.h"

namespace cim::bcd {
namespace {

constexpr FileTime kNow{133'000'000'000'000'000};
constexpr std::string_view kBootManager = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";

template <typename Change>
void expect_no_entry(std::string_view words, Change&& change) {
  registry::HiveEditor editor = test::sample_store_editor();
  change(editor);
  const registry::Hive hive = test::hive_of(editor.to_bytes());
  test::expect_error(ErrorCode::kCorrupt, words,
                     [&] { (void)Store(hive, "store").default_entry(); });
}

TEST(Store, FollowsTheBootManagerToTheDefaultEntry) {
  const registry::Hive hive = test::hive_of(test::sample_store());
  EXPECT_EQ(braced(Store(hive, "store").default_entry()), test::kSampleEntry);
}

TEST(Store, ReadsTheDefaultEntryUpToItsFirstNul) {
  registry::HiveEditor editor = test::sample_store_editor();
  editor.set_text(test::sample_element(kBootManager, "23000003"), "Element",
                  std::string(test::kSampleEntry) + std::string("\0junk", 5), kNow);
  const registry::Hive hive = test::hive_of(editor.to_bytes());
  EXPECT_EQ(braced(Store(hive, "store").default_entry()), test::kSampleEntry);
}

TEST(Store, RequiresItsTwoKeys) {
  expect_no_entry("no key \"Objects\"", [](auto& editor) { editor.remove_key("Objects", kNow); });
  expect_no_entry("no key \"Description\"",
                  [](auto& editor) { editor.remove_key("Description", kNow); });
}

TEST(Store, RequiresABootManagerWithADefaultEntry) {
  const std::string named = test::sample_element(kBootManager, "23000003");
  expect_no_entry("no boot manager", [](auto& editor) {
    editor.remove_key("Objects\\" + std::string(kBootManager), kNow);
  });
  expect_no_entry("names no default entry", [&](auto& editor) { editor.remove_key(named, kNow); });
  expect_no_entry("not one value of its type",
                  [&](auto& editor) { editor.set_dword(named, "Element", 1, kNow); });
  expect_no_entry("not one value of its type",
                  [&](auto& editor) { editor.set_dword(named, "Other", 1, kNow); });
  for (const std::string_view wrong : {"", "{default}", "4636856e-540f-4170-a130-a84776f4c654",
                                       "{1cae1eb7-a0df-4d4d-9851-4860e34ef535}"}) {
    expect_no_entry("is not an object",
                    [&](auto& editor) { editor.set_text(named, "Element", wrong, kNow); });
  }
}

TEST(Store, RequiresALoaderWithElements) {
  const std::string entry = "Objects\\" + std::string(test::kSampleEntry);
  expect_no_entry("does not exist", [&](auto& editor) { editor.remove_key(entry, kNow); });
  expect_no_entry("has no elements",
                  [&](auto& editor) { editor.remove_key(entry + "\\Elements", kNow); });
  expect_no_entry("has no type",
                  [&](auto& editor) { editor.remove_key(entry + "\\Description", kNow); });
  expect_no_entry("has type 10200004", [&](auto& editor) {
    editor.set_dword(entry + "\\Description", "Type", 0x10200004, kNow);
  });
}

TEST(Store, KnowsTheTypeOfAValueByTheFormatOfItsElement) {
  EXPECT_EQ(value_type_of(0x11000001), registry::kRegBinary);
  EXPECT_EQ(value_type_of(0x12000002), registry::kRegSz);
  EXPECT_EQ(value_type_of(0x23000003), registry::kRegSz);
  EXPECT_EQ(value_type_of(0x24000001), registry::kRegMultiSz);
  EXPECT_EQ(value_type_of(0x25000004), registry::kRegBinary);
  EXPECT_EQ(value_type_of(0x16000009), registry::kRegBinary);
}

}  // namespace
}  // namespace cim::bcd
