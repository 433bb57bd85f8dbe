// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/pax.h"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

namespace cim::tar {
namespace {

using namespace std::string_view_literals;

std::string parse(PaxRecords& records, std::string_view text) {
  std::ranges::copy(text, records.prepare(text.size()).begin());
  return std::string(records.parse());
}

std::string problem(std::string_view text) {
  PaxRecords records;
  return parse(records, text);
}

TEST(PaxRecords, FindsValuesWithEqualsSignsNewlinesAndNuls) {
  PaxRecords records;
  EXPECT_EQ(parse(records, "9 a=b=c\n\n7 b=\0\x01\n"sv), "");
  EXPECT_EQ(records.find("a"), "b=c\n");
  EXPECT_EQ(records.find("b"), "\0\x01"sv);
  EXPECT_EQ(records.find("c"), std::nullopt);
}

TEST(PaxRecords, LastOfEqualKeysWins) {
  PaxRecords records;
  EXPECT_EQ(parse(records, "6 a=1\n6 a=2\n"), "");
  EXPECT_EQ(records.find("a"), "2");
  EXPECT_EQ(records.all().size(), 2U);
}

TEST(PaxRecords, TreatAnEmptyStandardValueAsAbsent) {
  PaxRecords records;
  EXPECT_EQ(parse(records, "8 path=\n"), "");
  EXPECT_EQ(records.find("path"), "");
  EXPECT_EQ(records.find_standard("path"), std::nullopt);
}

TEST(PaxRecords, AcceptAnEmptyHeader) {
  EXPECT_EQ(problem(""), "");
}

TEST(PaxRecords, RefusesBrokenRecords) {
  for (const auto text : {"6 a=1"sv, "5 a=1\n"sv, "7 a=1\n"sv, "a=1\n"sv, "x a=1\n"sv, "+6 a=1\n"sv,
                          "-6 a=1\n"sv, " 6 a=1\n"sv, "6  a=1"sv, "4 a\n"sv, "0 a=1\n"sv, "2 "sv,
                          "6 a=1\n\0"sv, "6 a=1\n6"sv, "99999999999999999999 a=1\n"sv, "6"sv}) {
    EXPECT_EQ(problem(text), "a record that is not \"LENGTH KEY=VALUE\" with a newline") << text;
  }
}

TEST(PaxRecords, RefusesBadKeys) {
  EXPECT_EQ(problem("5 =1\n"), "a record without a valid key");
  EXPECT_EQ(problem("7 a\0=1\n"sv), "a record without a valid key");
}

TEST(PaxRecords, RefusesNulInPathsAndNames) {
  for (const auto text :
       {"12 path=a\0b\n"sv, "16 linkpath=a\0b\n"sv, "13 uname=a\0b\n"sv, "13 gname=a\0b\n"sv}) {
    EXPECT_EQ(problem(text), "a path or name that contains a NUL") << text;
  }
}

TEST(PaxTime, ReadsFractionsOfBothSigns) {
  EXPECT_EQ(parse_pax_time("1600000000.1234567"), (UnixTime{1'600'000'000, 123'456'700}));
  EXPECT_EQ(parse_pax_time("0"), (UnixTime{0, 0}));
  EXPECT_EQ(parse_pax_time("-1"), (UnixTime{-1, 0}));
  EXPECT_EQ(parse_pax_time("-0.5"), (UnixTime{-1, 500'000'000}));
  EXPECT_EQ(parse_pax_time("-1.5"), (UnixTime{-2, 500'000'000}));
  EXPECT_EQ(parse_pax_time("1.5000"), (UnixTime{1, 500'000'000}));
  EXPECT_EQ(parse_pax_time("1.1234567899"), (UnixTime{1, 123'456'789}));
  EXPECT_EQ(parse_pax_time("9223372036854775807.000000001"),
            (UnixTime{std::numeric_limits<std::int64_t>::max(), 1}));
}

TEST(PaxTime, RefusesOtherTexts) {
  for (const char* const text : {"", "-", ".5", "-.5", "1.2.3", "1.x", "x", "1 ", " 1", "+1", "--1",
                                 "1e3", "9223372036854775808", "1,5"}) {
    EXPECT_EQ(parse_pax_time(text), std::nullopt) << text;
  }
}

TEST(Decimal, AcceptsDigitsOnly) {
  EXPECT_EQ(parse_decimal("0"), 0U);
  EXPECT_EQ(parse_decimal("018446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  for (const char* const text : {"", "-1", "+1", " 1", "1 ", "0x10", "18446744073709551616"}) {
    EXPECT_EQ(parse_decimal(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace cim::tar
