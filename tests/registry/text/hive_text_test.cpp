// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/hive_text.h"

#include <functional>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf16.h"
#include "expect_error.h"
#include "registry/hive_file.h"

namespace cim::registry {
namespace {

using test::add_key;
using test::hive_with;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kHead = "Windows Registry Editor Version 5.00\r\n\r\n";

Hive hive_with_value(MutableValue value) {
  return hive_with([&value](MutableKey& root) { root.add_value(std::move(value)); });
}

struct Written {
  std::string text;
  RegFileSummary summary;
};

Written write(const Hive& hive, const RegFileOptions& options = {}, std::string_view path = {}) {
  Written written;
  written.summary = write_reg_file(
      hive, path, options,
      [&written](std::span<const std::byte> bytes) { written.text += as_text(bytes); });
  return written;
}

/// Returns the lines of the only value of a hive.
std::string value_lines(MutableValue value, const RegFileOptions& options = {.root = "R"}) {
  std::string text = write(hive_with_value(std::move(value)), options).text;
  const std::string before = std::string(kHead) + "[R]\r\n";
  EXPECT_TRUE(text.starts_with(before)) << text;
  EXPECT_TRUE(text.ends_with("\r\n\r\n")) << text;
  return text.substr(before.size(), text.size() - before.size() - 4);
}

TEST(HiveText, WritesKeysBeforeTheirSubkeys) {
  const Hive hive = hive_with([](MutableKey& root) {
    add_key(add_key(root, u"A"), u"B]").add_value({u"", kRegSz, test::text_data(u"x")});
    add_key(root, u"\u00c4");
  });
  EXPECT_EQ(write(hive).text, std::string(kHead) +
                                  "[\\]\r\n\r\n[\\A]\r\n\r\n[\\A\\B]]\r\n@=\"x\"\r\n\r\n"
                                  "[\\\u00c4]\r\n\r\n");
  EXPECT_EQ(write(hive, {.root = "HKLM\\X"}, "\\a\\").text,
            std::string(kHead) + "[HKLM\\X\\A]\r\n\r\n[HKLM\\X\\A\\B]]\r\n@=\"x\"\r\n\r\n");
  EXPECT_EQ(write(hive, {.root = "R"}).text.substr(kHead.size(), 7), "[R]\r\n\r\n");
  EXPECT_EQ(write(hive).summary.keys, 4U);
  EXPECT_EQ(write(hive).summary.values, 1U);
}

TEST(HiveText, WritesTextOnlyIfItIsReadBackEqual) {
  const auto text = [](std::u16string_view units) {
    return value_lines({u"n", kRegSz, test::text_data(units)});
  };
  EXPECT_EQ(text(u"a \"b\" \\c\\"), R"("n"="a \"b\" \\c\\")");
  EXPECT_EQ(text(u""), "\"n\"=\"\"");
  EXPECT_EQ(text(u"a\nb"), "\"n\"=hex(1):61,00,0a,00,62,00,00,00");
  EXPECT_EQ(text(std::u16string_view(u"a\0b", 3)), "\"n\"=hex(1):61,00,00,00,62,00,00,00");
  EXPECT_EQ(text(u"\u00e4"), "\"n\"=hex(1):e4,00,00,00");
  EXPECT_EQ(text(u"\xd800"), "\"n\"=hex(1):00,d8,00,00");
  Bytes unterminated = test::text_data(u"a");
  unterminated.resize(2);
  EXPECT_EQ(value_lines({u"n", kRegSz, unterminated}), "\"n\"=hex(1):61,00");
  EXPECT_EQ(value_lines({u"n", kRegSz, {}}), "\"n\"=hex(1):");
  EXPECT_EQ(
      value_lines({u"n", kRegSz, test::text_data(u"\u00e4")}, {.root = "R", .unicode_text = true}),
      "\"n\"=\"\u00e4\"");
}

TEST(HiveText, WritesOtherTypesAsBytes) {
  const auto bytes = [](std::uint32_t type) {
    return value_lines({u"", type, test::value_bytes(4)});
  };
  EXPECT_EQ(bytes(kRegDword), "@=dword:150e0700");
  EXPECT_EQ(bytes(kRegBinary), "@=hex:00,07,0e,15");
  EXPECT_EQ(bytes(kRegExpandSz), "@=hex(2):00,07,0e,15");
  EXPECT_EQ(bytes(kRegMultiSz), "@=hex(7):00,07,0e,15");
  EXPECT_EQ(bytes(kRegQword), "@=hex(b):00,07,0e,15");
  EXPECT_EQ(bytes(0xFFFF0000), "@=hex(ffff0000):00,07,0e,15");
  EXPECT_EQ(value_lines({u"", kRegDword, test::value_bytes(3)}), "@=hex(4):00,07,0e");
  EXPECT_EQ(value_lines({u"", kRegNone, {}}), "@=hex(0):");
}

TEST(HiveText, WrapsBytesAtEightyColumns) {
  for (const std::size_t size : {23U, 24U, 25U, 26U, 48U, 49U, 50U, 51U, 20'000U}) {
    std::istringstream lines(value_lines({u"n", kRegBinary, test::value_bytes(size)}));
    std::string joined;
    std::size_t longest = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.ends_with('\r')) {
        line.pop_back();
      }
      longest = std::max(longest, line.size());
      const bool is_continued = line.ends_with('\\');
      EXPECT_EQ(is_continued, !lines.eof());
      line.resize(line.size() - (is_continued ? 1 : 0));
      joined += line.starts_with("  ") ? line.substr(2) : line;
    }
    EXPECT_LE(longest, 80U);
    EXPECT_EQ(joined.size(), std::string_view("\"n\"=hex:").size() + 3 * size - 1);
  }
  const std::string long_name = value_lines({std::u16string(200, u'x'), kRegBinary, Bytes(2)});
  EXPECT_THAT(long_name, HasSubstr("=hex:00,\\\r\n  00"));
}

TEST(HiveText, WritesDeletionsOfDeltas) {
  const Hive hive = hive_with(
      [](MutableKey& root) {
        root.add_value({u"v", kRegNone, {}, true});
        root.add_value({u"", kRegNone, {}, true});
        add_key(root, u"gone", 1);
        add_key(root, u"local", 2);
        add_key(root, u"tree", 3);
      },
      true);
  EXPECT_EQ(write(hive).text,
            std::string(kHead) +
                "[\\]\r\n\"v\"=-\r\n@=-\r\n\r\n[-\\gone]\r\n\r\n"
                "; replaces all values of the key in the layer below\r\n[\\local]\r\n\r\n"
                "[-\\tree]\r\n\r\n[\\tree]\r\n\r\n");
  EXPECT_TRUE(write(hive).summary.is_complete());
}

TEST(HiveText, NamesWhatItCannotExpress) {
  const Hive hive = hive_with([](MutableKey& root) {
    add_key(add_key(root, u"a\nb"), u"below");
    add_key(root, u"k\xd800");
    root.add_value({u"c\rd", kRegNone, {}});
    root.add_value({u"\xdc00", kRegNone, {}});
    root.add_value({u"e", kRegNone, {}});
  });
  const Written written = write(hive);
  EXPECT_EQ(written.text,
            std::string(kHead) +
                "; omitted value \"c\\u000dd\" of \\: this format cannot express its name\r\n"
                "; omitted value \"\\udc00\" of \\: this format cannot express its name\r\n"
                "[\\]\r\n\"e\"=hex(0):\r\n\r\n"
                "; omitted key \\a\\u000ab and all keys below it: this format cannot express its "
                "name\r\n\r\n"
                "; omitted key \\k\\ud800 and all keys below it: this format cannot express its "
                "name\r\n\r\n");
  EXPECT_EQ(written.summary.omitted_keys, 2U);
  EXPECT_EQ(written.summary.omitted_values, 2U);
  EXPECT_FALSE(written.summary.is_complete());
  // UTF-16 can express unpaired surrogates.
  const Written utf16 = write(hive, {.encoding = RegFileEncoding::kUtf16});
  EXPECT_EQ(utf16.summary.omitted_keys, 1U);
  EXPECT_EQ(utf16.summary.omitted_values, 1U);
}

TEST(HiveText, OmitsLaterValuesOfTheSameName) {
  const Hive hive = hive_with([](MutableKey& root) {
    root.add_value({u"twin", kRegSz, test::text_data(u"1")});
    root.add_value({u"other", kRegSz, test::text_data(u"2")});
    root.add_value({u"x", kRegSz, test::text_data(u"3")});
  });
  Bytes bytes(hive.bytes().begin(), hive.bytes().end());
  test::HiveFile file(std::move(bytes));
  // A value record has its name at offset 20; "x" is padded.
  const std::size_t value = file.value("x");
  file.set_u16(value + 2, 4).set_text(value + 20, "TWIN");
  const Written written = write(Hive::from_bytes(file.bytes(), "hive"));
  EXPECT_THAT(written.text,
              HasSubstr("; omitted value \"TWIN\" of \\: an earlier one has the same name"));
  EXPECT_THAT(written.text, HasSubstr("\"twin\"=\"1\""));
  EXPECT_THAT(written.text, Not(HasSubstr("\"3\"")));
  EXPECT_EQ(written.summary.omitted_values, 1U);
}

TEST(HiveText, WritesUtf16WithAMark) {
  const Hive hive = hive_with([](MutableKey& root) {
    root.add_value({u"\u00e4", kRegSz, test::text_data(u"\U0001f600")});
  });
  const Written written = write(hive, {.encoding = RegFileEncoding::kUtf16});
  const std::u16string text = utf16_from_le(as_bytes(written.text));
  EXPECT_EQ(text,
            u"\uFEFFWindows Registry Editor Version 5.00\r\n\r\n"
            u"[\\]\r\n\"\u00e4\"=\"\U0001f600\"\r\n\r\n");
}

TEST(HiveText, WritesAttributesAsComments) {
  const Hive hive = hive_with([](MutableKey& root) {
    MutableAttributes attributes = test::plain_attributes();
    append_utf16_le(attributes.class_name, u"c\n\"");
    attributes.control = 0x20;
    root.add_subkey(u"k", std::move(attributes));
  });
  EXPECT_THAT(write(hive, {.comments = true}).text,
              HasSubstr("; last written 2019-04-17T18:40:00.0000000Z\r\n"
                        "; class \"c\\u000a\"\"\r\n"
                        "; security O:BAG:BAD:(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KR;;;WD)"
                        "(A;CI;KR;;;RC)\r\n"
                        "; flags 0x0000, control 0x20, debug 0x00\r\n"
                        "[\\k]\r\n"));
}

TEST(HiveText, RefusesBadArguments) {
  const Hive hive = hive_with([](MutableKey&) {});
  test::expect_error(ErrorCode::kNotFound, "a: no such key", [&] { write(hive, {}, "a"); });
  test::expect_error(ErrorCode::kInvalidArgument, "root", [&] { write(hive, {.root = "a\nb"}); });
  test::expect_error(ErrorCode::kInvalidArgument, "root", [&] { write(hive, {.root = "\xff"}); });
}

}  // namespace
}  // namespace cim::registry
