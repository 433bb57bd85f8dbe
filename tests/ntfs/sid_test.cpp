// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "ntfs/sid.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "hex.h"

namespace cim {
namespace {

using test::expect_error;
using test::from_hex;

Sid decoded(std::string_view hex) {
  const Bytes bytes = from_hex(hex);
  ByteReader reader(bytes, "x");
  return read_sid(reader);
}

Bytes encoded(const Sid& sid) {
  Bytes bytes;
  append_sid(bytes, sid);
  return bytes;
}

TEST(Sid, IsBigEndianInItsAuthorityAndLittleEndianAfterwards) {
  const Sid administrators{.authority = 5, .sub_authorities = {32, 544}};
  EXPECT_EQ(encoded(administrators), from_hex("01 02 000000000005 20000000 20020000"));
  EXPECT_EQ(decoded("01 02 000000000005 20000000 20020000"), administrators);
}

TEST(Sid, PrintsItsNumbers) {
  EXPECT_EQ((Sid{.authority = 5, .sub_authorities = {32, 544}}.to_string()), "S-1-5-32-544");
  EXPECT_EQ((Sid{.authority = 0xFFFFFFFF, .sub_authorities = {0xFFFFFFFF}}.to_string()),
            "S-1-4294967295-4294967295");
  EXPECT_EQ((Sid{.authority = 0x100000000, .sub_authorities = {1}}.to_string()),
            "S-1-0x000100000000-1");
  EXPECT_EQ(Sid{.authority = 1}.to_string(), "S-1-1");
}

TEST(Sid, ParsesItsOwnText) {
  for (const char* const text :
       {"S-1-5-32-544", "S-1-0", "S-1-0xffffffffffff-7",
        "S-1-1-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15",
        "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"}) {
    const auto sid = Sid::parse(text);
    ASSERT_TRUE(sid) << text;
    EXPECT_EQ(sid->to_string(), text);
    EXPECT_EQ(decoded(to_hex(encoded(*sid))), *sid);
  }
  EXPECT_EQ(Sid::parse("s-1-0X0000000000fF-1"), Sid::parse("S-1-255-1"));
}

TEST(Sid, RefusesOtherText) {
  for (const char* const text : {"", "S", "S-1-", "S-2-5-1", "S-1-5-", "S-1-5--1", "S-1-5-+1",
                                 "S-1--5", "S-1-5-4294967296", "S-1-0x0000000000055-1", "BA",
                                 " S-1-5-1", "S-1-1-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16"}) {
    EXPECT_FALSE(Sid::parse(text)) << text;
  }
}

TEST(Sid, IsRemovedFromTheFrontOfText) {
  std::string_view text = "S-1-5-18G:SY";
  EXPECT_EQ(take_sid(text), (Sid{.authority = 5, .sub_authorities = {18}}));
  EXPECT_EQ(text, "G:SY");
  // The next component starts with a letter that is also a hexadecimal digit.
  text = "S-1-0x00000000000aD:";
  EXPECT_EQ(take_sid(text), Sid{.authority = 10});
  EXPECT_EQ(text, "D:");
  text = "S-1-5-x";
  EXPECT_EQ(take_sid(text), std::nullopt);
  EXPECT_EQ(text, "S-1-5-x");
}

TEST(Sid, RefusesInvalidBytes) {
  const auto refuse = [](std::string_view words, std::string_view hex) {
    expect_error(ErrorCode::kCorrupt, words, [&] { decoded(hex); });
  };
  refuse("a SID needs 8 bytes, but only 7 are left", "01 00 0000000000");
  refuse("an invalid SID of revision 2 with 1 sub-authorities", "02 01 000000000005 12000000");
  refuse("an invalid SID of revision 1 with 16 sub-authorities", "01 10 000000000005");
  refuse("sub-authority needs 4 bytes, but only 3 are left", "01 01 000000000005 120000");
}

TEST(Sid, RefusesToEncodeWhatDoesNotFit) {
  expect_error(ErrorCode::kInvalidArgument, "is not valid",
               [] { encoded(Sid{.authority = std::uint64_t{1} << 48}); });
  expect_error(ErrorCode::kInvalidArgument, "16 sub-authorities", [] {
    encoded(Sid{.authority = 5, .sub_authorities = std::vector<std::uint32_t>(16)});
  });
}

}  // namespace
}  // namespace cim
