// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/extended_attributes.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "expect_error.h"
#include "hex.h"
#include "ntfs/ea_on_volume.h"

namespace cim {
namespace {

using test::expect_error;
using test::from_hex;

const ExtendedAttribute kA{.name = "A", .value = from_hex("78797a")};
const ExtendedAttribute kLxUid{.name = "LXUID", .value = from_hex("01020304")};
const char* const kBothBytes =
    "10000000 00 01 0300 41 00 78797a 000000 "
    "00000000 00 05 0400 4c58554944 00 01020304 0000";

TEST(ExtendedAttributes, EncodeAsAPaddedList) {
  EXPECT_EQ(encode_extended_attributes(std::vector{kA, kLxUid}), from_hex(kBothBytes));
}

TEST(ExtendedAttributes, EncodeInOrderOfTheirNamesBytes) {
  EXPECT_EQ(encode_extended_attributes(std::vector{kLxUid, kA}), from_hex(kBothBytes));
}

TEST(ExtendedAttributes, ParseInTheOrderOfTheList) {
  EXPECT_EQ(parse_extended_attributes(from_hex(kBothBytes)), (std::vector{kA, kLxUid}));
}

TEST(ExtendedAttributes, EncodeToNothingIfThereAreNone) {
  EXPECT_TRUE(encode_extended_attributes({}).empty());
  EXPECT_TRUE(parse_extended_attributes({}).empty());
}

TEST(ExtendedAttributes, KeepFlagsAndEmptyValues) {
  const std::vector attributes{
      ExtendedAttribute{.name = "abc", .flags = ExtendedAttribute::kNeeded}};
  const Bytes list = encode_extended_attributes(attributes);
  EXPECT_EQ(list, from_hex("00000000 80 03 0000 616263 00"));
  EXPECT_EQ(parse_extended_attributes(list), attributes);
}

TEST(ExtendedAttributes, ParseAListWithoutPaddingAtItsEnd) {
  EXPECT_EQ(parse_extended_attributes(from_hex("00000000 00 01 0100 41 00 78")),
            (std::vector{ExtendedAttribute{.name = "A", .value = from_hex("78")}}));
}

TEST(ExtendedAttributes, OnAVolumeEachHasTheOffsetOfItsEnd) {
  const Bytes on_volume = from_hex(
      "10000000 00 01 0300 41 00 78797a 000000 "
      "14000000 00 05 0400 4c58554944 00 01020304 0000");
  EXPECT_EQ(ea_list_on_volume(from_hex(kBothBytes)), on_volume);
  EXPECT_EQ(ea_list_of_volume(on_volume), from_hex(kBothBytes));
  EXPECT_EQ(ea_list_of_volume(from_hex(kBothBytes)), from_hex(kBothBytes));
  EXPECT_TRUE(ea_list_on_volume({}).empty());
  EXPECT_TRUE(ea_list_of_volume({}).empty());
}

TEST(ExtendedAttributes, OnAVolumeTheyKeepOrderAndFlagsAndArePadded) {
  EXPECT_EQ(ea_list_on_volume(from_hex("14000000 80 01 0100 42 00 78 00 00000000 00000000"
                                       "00000000 00 01 0100 41 00 78")),
            from_hex("0c000000 80 01 0100 42 00 78 00 0c000000 00 01 0100 41 00 78 00"));
}

TEST(ExtendedAttributes, OfAVolumeKeepInvalidListsForTheParser) {
  for (const std::string_view list :
       {"0c0000", "0d000000 00 01 0100 41 00 78 00", "ffffffff 00 01 0100 41 00 78 00"}) {
    EXPECT_EQ(ea_list_of_volume(from_hex(list)), from_hex(list)) << list;
  }
}

TEST(ExtendedAttributes, RefuseEntriesThatReachPastTheEnd) {
  const auto refuse = [](std::string_view words, std::string_view list) {
    expect_error(ErrorCode::kCorrupt, words, [&] { parse_extended_attributes(from_hex(list)); });
  };
  refuse("an attribute needs 8 bytes, but only 7 are left", "00000000 00 01 01");
  refuse("an attribute's name needs 5 bytes", "00000000 00 05 0000 4141");
  refuse("the NUL after a name needs 1 bytes", "00000000 00 01 0000 41");
  refuse("an attribute's value needs 65535 bytes", "00000000 00 01 ffff 41 00 78");
  refuse("the gap before the next attribute needs 6 bytes, but only 2 are left",
         "10000000 00 01 0000 41 00 0000");
  refuse("the next attribute is missing", "0c000000 00 01 0000 41 00 0000");
  refuse("the gap before the next attribute needs 4294967282 bytes",
         "fcffffff 00 01 0000 41 00 0000");
}

TEST(ExtendedAttributes, RefuseOverlappingAndMisalignedEntries) {
  const auto refuse = [](std::string_view words, std::string_view list) {
    expect_error(ErrorCode::kCorrupt, words, [&] { parse_extended_attributes(from_hex(list)); });
  };
  const std::string last = " 00000000 00 01 0000 42 00 0000";
  refuse("starts 12 bytes after the start of one of 13",
         "0c000000 00 01 0300 41 00 78797a 000000" + last);
  refuse("starts 13 bytes after the start of one of 13", "0d000000 00 01 0300 41 00 78797a" + last);
  refuse("4 bytes follow the last attribute", "00000000 00 01 0000 41 00 00000000");
}

TEST(ExtendedAttributes, RefuseBadNames) {
  const auto refuse = [](std::string_view words, std::string_view list) {
    expect_error(ErrorCode::kCorrupt, words, [&] { parse_extended_attributes(from_hex(list)); });
  };
  refuse("has no name", "00000000 00 00 0000 00 000000");
  refuse("does not end with a NUL", "00000000 00 01 0000 41 01 0000");
  refuse("contains a NUL", "00000000 00 02 0000 4100 00 00");
  const auto encode = [](std::string name) {
    encode_extended_attributes(std::vector{ExtendedAttribute{.name = std::move(name)}});
  };
  expect_error(ErrorCode::kInvalidArgument, "empty", [&] { encode(""); });
  expect_error(ErrorCode::kInvalidArgument, "NUL", [&] { encode(std::string("a\0b", 3)); });
  expect_error(ErrorCode::kInvalidArgument, "\"A\" occurs twice", [] {
    encode_extended_attributes(std::vector{kA, kLxUid, kA});
  });
}

TEST(ExtendedAttributes, EnforceTheSizeLimits) {
  const auto encode = [](std::size_t name, std::size_t value) {
    return encode_extended_attributes(
        std::vector{ExtendedAttribute{.name = std::string(name, 'n'), .value = Bytes(value)}});
  };
  EXPECT_EQ(encode(255, 0).size(), 264U);
  EXPECT_EQ(encode(1, 65522).size(), 65532U);
  expect_error(ErrorCode::kLimit, "a name of 256 bytes", [&] { encode(256, 0); });
  expect_error(ErrorCode::kLimit, "a value of 65536 bytes", [&] { encode(1, 65536); });
  expect_error(ErrorCode::kLimit, "the limit is 65535", [&] { encode(1, 65523); });
  expect_error(ErrorCode::kLimit, "65536 bytes; the limit is 65535",
               [] { parse_extended_attributes(Bytes(65536)); });
}

TEST(ExtendedAttributes, RoundTripSorted) {
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    std::vector<ExtendedAttribute> attributes;
    for (unsigned i = random() % 8; i > 0; --i) {
      ExtendedAttribute attribute{.name = std::to_string(i) + std::string(random() % 60, 'x'),
                                  .value = Bytes(random() % 300),
                                  .flags = static_cast<std::uint8_t>(random())};
      std::ranges::generate(attribute.value, [&] { return static_cast<std::byte>(random()); });
      attributes.push_back(std::move(attribute));
    }
    const Bytes list = encode_extended_attributes(attributes);
    std::ranges::sort(attributes, {}, &ExtendedAttribute::name);
    EXPECT_EQ(parse_extended_attributes(list), attributes);
  }
}

}  // namespace
}  // namespace cim
