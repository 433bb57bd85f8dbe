// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/format/name.h"

#include <compare>

#include <gtest/gtest.h>

namespace cim::registry {
namespace {

std::uint32_t hash(std::u16string_view text) {
  return hash_of(NameBuffer(text).name());
}
std::uint32_t hint(std::u16string_view text) {
  return hint_of(NameBuffer(text).name());
}
bool less(std::u16string_view a, std::u16string_view b) {
  return std::is_lt(compare(NameBuffer(a).name(), NameBuffer(b).name()));
}
bool equal(std::u16string_view a, std::u16string_view b) {
  return std::is_eq(compare(NameBuffer(a).name(), NameBuffer(b).name()));
}

TEST(Name, HasTheHashesOfWindows) {
  EXPECT_EQ(hash(u"Microsoft"), 0x7F00CD26U);
  EXPECT_EQ(hash(u"ControlSet001"), 0x8F3BA9A2U);
  EXPECT_EQ(hash(u"Setup"), 0x097CB881U);
  EXPECT_EQ(hash(u"Windows NT"), 0xE219B3B9U);
  EXPECT_EQ(hash(u"CurrentVersion"), 0x7E25F69DU);
  EXPECT_EQ(hash(u"Caf\u00E9"), 0x00352F57U);
  EXPECT_EQ(hash(u"\u03A9mega"), 0x68E8C913U);
  EXPECT_EQ(hash(u""), 0U);
}

TEST(Name, HasHintsOfItsFirstFourUnitsAsSpelled) {
  EXPECT_EQ(hint(u"abCD more"), 0x44436261U);
  EXPECT_EQ(hint(u"ab"), 0x00006261U);
  EXPECT_EQ(hint(u"ab\u03A9"), 0U);
  EXPECT_EQ(hint(u"abcd\u03A9"), 0x64636261U);
}

TEST(Name, ComparesInUpperCase) {
  EXPECT_TRUE(equal(u"ABC", u"abc"));
  EXPECT_TRUE(equal(u"\u00E9", u"\u00C9"));
  // The upper-case form of a Latin-1 name may need UTF-16, and vice versa.
  EXPECT_TRUE(equal(u"\u00FF", u"\u0178"));
  EXPECT_FALSE(equal(u"\u00DF", u"SS"));
  EXPECT_FALSE(equal(u"\u0131", u"I"));
  EXPECT_TRUE(less(u"a", u"ab"));
  EXPECT_TRUE(less(u"z", u"_"));
  EXPECT_TRUE(less(u"a", u"["));
  EXPECT_TRUE(less(u"z", u"\u00E0"));
}

TEST(Name, UsesOneBytePerUnitIfPossible) {
  EXPECT_TRUE(NameBuffer(u"Caf\u00E9").name().compressed());
  EXPECT_EQ(NameBuffer(u"Caf\u00E9").name().stored().size(), 4U);
  EXPECT_FALSE(NameBuffer(u"\u0100").name().compressed());
  const Bytes wide{std::byte{'a'}, std::byte{0}};
  const Name name(wide, false);
  EXPECT_TRUE(name.compressible());
  EXPECT_EQ(NameBuffer(name).name().stored().size(), 1U);
  EXPECT_TRUE(same_spelling(name, NameBuffer(u"a").name()));
  EXPECT_FALSE(same_spelling(name, NameBuffer(u"A").name()));
}

TEST(Name, KeepsLoneSurrogatesAndNul) {
  const std::u16string odd{u'\xD800', u'\0', u'x'};
  EXPECT_EQ(NameBuffer(odd).name().to_utf16(), odd);
  EXPECT_EQ(NameBuffer(odd).name().to_wtf8(), std::string("\xED\xA0\x80\0x", 5));
  EXPECT_EQ(NameBuffer(u"\u00E9").name().to_wtf8(), "\xC3\xA9");
}

}  // namespace
}  // namespace cim::registry
