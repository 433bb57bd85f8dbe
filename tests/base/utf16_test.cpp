// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/utf16.h"

#include <gtest/gtest.h>

namespace cim {
namespace {

TEST(Utf16, ConvertsEveryLengthBothWays) {
  const std::string text = "a\u00e9\u20ac\U0001F600";
  EXPECT_EQ(to_utf16(text), u"a\u00e9\u20ac\U0001F600");
  EXPECT_EQ(to_wtf8(u"a\u00e9\u20ac\U0001F600"), text);
}

TEST(Utf16, KeepsLoneSurrogates) {
  const std::u16string lone = {u'a', char16_t{0xDC00}, char16_t{0xD800}, u'b', char16_t{0xD801}};
  const std::string text = to_wtf8(lone);
  EXPECT_EQ(text,
            "a\xED\xB0\x80\xED\xA0\x80"
            "b\xED\xA0\x81");
  EXPECT_EQ(to_utf16(text), lone);
}

TEST(Utf16, EveryUnitAloneComesBack) {
  for (char32_t unit = 0; unit < 0x10000; ++unit) {
    const std::u16string one(1, static_cast<char16_t>(unit));
    EXPECT_EQ(to_utf16(to_wtf8(one)), one);
  }
}

TEST(Utf16, RefusesWhatIsNotWtf8) {
  for (const std::string_view text :
       {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xE2\x82", "\xF4\x90\x80\x80",
        "\xF8\x88\x80\x80\x80", "\xED\xA0\x80\xED\xB0\x80", "a\xFF"}) {
    EXPECT_FALSE(to_utf16(text)) << text;
  }
}

TEST(Utf16, ReplacesWhatIsNotWtf8ByteByByteIfAsked) {
  EXPECT_EQ(to_utf16_replacing("a\xC3\xA9\xFF\xE2\x82"
                               "b"),
            u"a\u00e9\uFFFD\uFFFD\uFFFDb");
  EXPECT_EQ(to_utf16_replacing("\U0001F600\xED\xA0\x80"),
            (std::u16string{char16_t{0xD83D}, char16_t{0xDE00}, char16_t{0xD800}}));
}

TEST(Utf16, LittleEndianBytesComeBack) {
  Bytes bytes;
  append_utf16_le(bytes, u"a\u20ac");
  EXPECT_EQ(bytes, (Bytes{std::byte{0x61}, std::byte{0}, std::byte{0xAC}, std::byte{0x20}}));
  EXPECT_EQ(utf16_from_le(bytes), u"a\u20ac");
}

}  // namespace
}  // namespace cim
