// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/link_table.h"

#include <gtest/gtest.h>

#include "base/endian.h"
#include "base/upcase.h"
#include "expect_error.h"
#include "hex.h"

namespace cim::format {
namespace {

using test::expect_error;
using test::from_hex;

Bytes sample() {
  LinkTableBuilder builder;
  builder.add(u"a", 7);
  builder.add(u"Bc", 8);
  return builder.finish();
}

LinkTable parse(Bytes bytes) {
  return LinkTable(std::move(bytes), LinkTable::Values::kFileIds, "r", 1000);
}

TEST(LinkTable, HasTheBytesOfTheFormat) {
  EXPECT_EQ(sample(), from_hex("22000000 02000000 07000000 08000000 18000000 1c000000"
                               "0100 6100 0200 4200 6300"));
}

TEST(LinkTable, ReturnsNamesAndValues) {
  const LinkTable table = parse(sample());
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table.name(1), u"Bc");
  EXPECT_EQ(table.file_id(1), 8U);
  EXPECT_TRUE(table.is_in_order(0, upcase_table()));
}

TEST(LinkTable, FindsNamesIgnoringCase) {
  LinkTableBuilder builder;
  const std::u16string names[] = {u"", u"A", u"b", u"B1", u"\u00e4", u"\u00d6x"};
  for (std::uint32_t i = 1; i < 6; ++i) {
    builder.add(names[i], i);
  }
  const LinkTable table = parse(builder.finish());
  for (std::uint32_t i = 1; i < 6; ++i) {
    const auto found = table.find(names[i], upcase_table());
    ASSERT_TRUE(found);
    EXPECT_EQ(table.file_id(*found), i);
  }
  EXPECT_EQ(table.find(u"\u00f6X", upcase_table()), 4U);
  EXPECT_FALSE(table.find(u"b0", upcase_table()));
  EXPECT_FALSE(table.find(u"", upcase_table()));
  EXPECT_FALSE(table.find(u"zz", upcase_table()));
}

TEST(LinkTable, StreamTablesHaveValuesOfSixteenBytes) {
  LinkTableBuilder builder;
  const Stream stream = {RegionOffset(2, 40), 5, StreamType::kData, false};
  builder.add(u"s", stream);
  const Bytes bytes = builder.finish();
  EXPECT_EQ(bytes, from_hex("20000000 01000000 2800000000000200 0500000000000000 1c000000"
                            "0100 7300"));
  EXPECT_EQ(LinkTable(bytes, LinkTable::Values::kStreams, "r", 0).stream(0), stream);
}

TEST(LinkTable, DropsBytesAfterItsLength) {
  Bytes bytes = sample();
  bytes.resize(bytes.size() + 10);
  EXPECT_EQ(parse(bytes).disk_size(), sample().size());
}

TEST(LinkTable, RefusesCountsAndOffsetsThatDoNotFit) {
  const auto parse_with = [](std::size_t offset, std::uint32_t value) {
    Bytes bytes = sample();
    const Le32 disk(value);
    std::memcpy(&bytes[offset], &disk, sizeof disk);
    parse(std::move(bytes));
  };
  expect_error(ErrorCode::kCorrupt, "a link table of 7 bytes", [&] { parse_with(0, 7); });
  expect_error(ErrorCode::kCorrupt, "a link table of 35 bytes", [&] { parse_with(0, 35); });
  expect_error(ErrorCode::kCorrupt, "4 names do not fit", [&] { parse_with(4, 4); });
  expect_error(ErrorCode::kCorrupt, "4294967295 names do not fit",
               [&] { parse_with(4, 0xFFFFFFFF); });
  expect_error(ErrorCode::kCorrupt, "a name of a link table is at 1035, past the end",
               [&] { parse_with(16, 35); });
  expect_error(ErrorCode::kCorrupt, "the length of a name needs 2 bytes",
               [&] { parse_with(16, 33); });
  expect_error(ErrorCode::kCorrupt, "a name needs 510 bytes", [&] { parse_with(24, 0x610000FF); });
  expect_error(ErrorCode::kCorrupt, "a name of 0 UTF-16 units",
               [&] { parse_with(24, 0x00610000); });
  expect_error(ErrorCode::kCorrupt, "a name of 256 UTF-16 units",
               [&] { parse_with(24, 0x00610100); });
  expect_error(ErrorCode::kCorrupt, "names of a link table overlap", [&] { parse_with(16, 28); });
}

TEST(LinkTable, RefusesInvalidNames) {
  for (const std::u16string_view name : {u"a/b", u"a\\b", u"s:t", u".", u".."}) {
    LinkTableBuilder builder;
    builder.add(name, 1);
    expect_error(ErrorCode::kCorrupt, "is not a valid name", [&] { parse(builder.finish()); });
  }
  LinkTableBuilder builder;
  builder.add(u"...", 1);
  EXPECT_EQ(parse(builder.finish()).size(), 1U);
}

TEST(LinkTable, DetectsNamesOutOfOrder) {
  LinkTableBuilder builder;
  builder.add(u"b", 1);
  builder.add(u"A", 2);
  builder.add(u"a", 3);
  const LinkTable table = parse(builder.finish());
  EXPECT_FALSE(table.is_in_order(0, upcase_table()));
  EXPECT_FALSE(table.is_in_order(1, upcase_table()));
}

TEST(LinkTable, ToleratesEveryFlippedByteAndTruncation) {
  const Bytes good = sample();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const unsigned flip : {1U, 0x80U, 0xFFU}) {
      Bytes bytes = good;
      bytes[i] ^= std::byte(flip);
      try {
        const LinkTable table = parse(std::move(bytes));
        for (std::uint32_t n = 0; n < table.size(); ++n) {
          (void)table.find(table.name(n), upcase_table());
        }
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
      }
    }
    expect_error(ErrorCode::kCorrupt, "r: at byte",
                 [&] { parse(Bytes(good.begin(), good.begin() + static_cast<long>(i))); });
  }
}

}  // namespace
}  // namespace cim::format
