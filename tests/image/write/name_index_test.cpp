// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/write/name_index.h"

#include <string>

#include <gtest/gtest.h>

namespace cim {
namespace {

std::u16string numbered(unsigned n) {
  std::u16string name = u"Name";
  for (; n != 0; n /= 10) {
    name.push_back(static_cast<char16_t>(u'0' + n % 10));
  }
  return name;
}

TEST(NameIndex, FindsEveryNameOfEveryDirectoryWhileItGrows) {
  NameIndex index;
  for (unsigned n = 1; n < 5000; ++n) {
    index.add(n % 3 + 1, numbered(n), n);
  }
  for (unsigned n = 1; n < 5000; ++n) {
    const auto entry = index.find(n % 3 + 1, numbered(n));
    ASSERT_TRUE(entry);
    EXPECT_EQ(index.file(*entry), n);
    EXPECT_FALSE(index.find(n % 3 + 2, numbered(n)) && n % 3 == 2);
  }
}

TEST(NameIndex, IgnoresCaseAndKeepsTheSpelling) {
  NameIndex index;
  index.add(1, u"\u00c4bc", 7);
  const auto entry = index.find(1, u"\u00e4BC");
  ASSERT_TRUE(entry);
  EXPECT_EQ(index.name(*entry), u"\u00c4bc");
}

TEST(NameIndex, RemovesNamesAndAddsThemAgain) {
  NameIndex index;
  index.remove(index.add(1, u"a", 7));
  EXPECT_FALSE(index.find(1, u"a"));
  index.add(1, u"A", 8);
  EXPECT_EQ(index.file(*index.find(1, u"a")), 8U);
}

// If the slots of removed names were never reused, this would take hours.
TEST(NameIndex, FindsOftenReplacedNamesAsFastAsOthers) {
  NameIndex index;
  for (FileId file = 1; file <= 1'000'000; ++file) {
    const auto old = index.find(1, u"a");
    ASSERT_EQ(old.has_value(), file > 1);
    if (old) {
      index.remove(*old);
    }
    index.add(1, u"A", file);
  }
  EXPECT_EQ(index.file(*index.find(1, u"a")), 1'000'000U);
}

}  // namespace
}  // namespace cim
