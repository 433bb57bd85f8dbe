// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/part_name.h"

#include <string>

#include <gtest/gtest.h>

#include "cimlib/error.h"

namespace cim::test {
namespace {

TEST(PartName, IsDecoded) {
  const appx::PartName name = appx::decode_part_name("Assets/%C3%A4%20b/100%25.txt", "a.msix");
  EXPECT_EQ(name.text, "Assets\\ä b\\100%.txt");
  EXPECT_EQ(name.path.to_string(), "\\Assets\\ä b\\100%.txt");
  EXPECT_FALSE(name.is_directory);
}

TEST(PartName, WithASlashAtTheEndIsADirectory) {
  const appx::PartName name = appx::decode_part_name("Assets/", "a.msix");
  EXPECT_TRUE(name.is_directory);
  EXPECT_EQ(name.text, "Assets");
}

TEST(PartName, CharactersBeyondTheBasicPlaneAreValid) {
  EXPECT_EQ(appx::decode_part_name("%F0%9F%98%80", "a.msix").text, "😀");
}

class InvalidPartName : public testing::TestWithParam<const char*> {};

TEST_P(InvalidPartName, IsRefusedWithItsArchive) {
  try {
    appx::decode_part_name(GetParam(), "a.msix");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
    EXPECT_EQ(error.subject(), "a.msix");
  }
}

INSTANTIATE_TEST_SUITE_P(OfEachKind, InvalidPartName,
                         testing::Values("", "/", "//", "/a", "a//b", ".", "..", "a/../b", "a%2Fb",
                                         "a%5cb", "a\\b", "a:b", "a%00", "%", "%4", "%4g", "%+1",
                                         "%FF", "%ED%A0%80", "con", "CON.txt", "lpt1",
                                         "com\xC2\xB9", "nul .txt", "a.", "a ", "a?", "a%1F"));

}  // namespace
}  // namespace cim::test
