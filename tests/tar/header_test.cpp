// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/header.h"

#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "tar/tar_builder.h"

namespace cim::tar {
namespace {

using namespace std::string_view_literals;
using test::HeaderBytes;

HeaderBlock block_of(std::string_view bytes) {
  HeaderBlock block;
  std::memcpy(&block, bytes.data(), sizeof block);
  return block;
}

HeaderValues parse(const HeaderBytes& bytes) {
  HeaderValues values;
  EXPECT_EQ(parse_header(block_of(bytes.bytes()), values), "");
  return values;
}

std::string problem(const HeaderBytes& bytes) {
  HeaderValues values;
  return std::string(parse_header(block_of(bytes.bytes()), values));
}

TEST(TarNumber, ReadsOctalDigitsBetweenSpacesAndNuls) {
  EXPECT_EQ(parse_number("00000000017\0"sv), 15);
  EXPECT_EQ(parse_number("      17 \0 "sv), 15);
  EXPECT_EQ(parse_number("\0\0\0"sv), 0);
  EXPECT_EQ(parse_number("   "sv), 0);
  EXPECT_EQ(parse_number("777777777777"sv), (std::int64_t{1} << 36) - 1);
}

TEST(TarNumber, RefusesOtherCharacters) {
  for (const auto text : {"8"sv, "17x"sv, "1 7"sv, "-7"sv, "0x1"sv, "+1"sv,
                          "1\0"
                          "1"sv}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
  }
}

TEST(TarNumber, ReadsBase256OfBothSigns) {
  EXPECT_EQ(parse_number("\x80\0\0\0\0\0\0\x02\0\0\0\0"sv), std::int64_t{1} << 33);
  EXPECT_EQ(parse_number("\x80\0\0\0\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_number("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE"sv), -2);
  EXPECT_EQ(parse_number("\xFF\xFF\xFF\xFF\x80\0\0\0\0\0\0\0"sv),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_number("\xBF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv), 0x3FFFFFFFFFFFFFFF);
}

TEST(TarNumber, RefusesBase256PastSixtyFourBits) {
  EXPECT_EQ(parse_number("\x80\0\0\0\x80\0\0\0\0\0\0\0"sv), std::nullopt);
  EXPECT_EQ(parse_number("\x80\0\0\x01\0\0\0\0\0\0\0\0"sv), std::nullopt);
  EXPECT_EQ(parse_number("\xBF\0\0\0\0\0\0\0\0\0\0\0"sv), std::nullopt);
  EXPECT_EQ(parse_number("\xFF\xFF\xFF\xFF\x7F\0\0\0\0\0\0\0"sv), std::nullopt);
  EXPECT_EQ(parse_number("\xC0\0\0\0\0\0\0\0\0\0\0\0"sv), std::nullopt);
}

TEST(TarHeader, ReadsPosixFields) {
  const auto values = parse(HeaderBytes("file", '2', 5).put(136, "00000000010").put(157, "target"));
  EXPECT_EQ(values.name, "file");
  EXPECT_EQ(values.link, "target");
  EXPECT_EQ(values.type, TypeFlag::kSymlink);
  EXPECT_EQ(values.size, 5U);
  EXPECT_EQ(values.mtime, 8);
  EXPECT_FALSE(values.atime);
}

TEST(TarHeader, JoinsThePrefixOfPosixNames) {
  const std::string name(100, 'n');
  const std::string prefix(155, 'p');
  EXPECT_EQ(parse(HeaderBytes(name).put(345, prefix)).name, prefix + "/" + name);
}

TEST(TarHeader, IgnoresThePrefixBeforePosix) {
  EXPECT_EQ(parse(HeaderBytes("file").put(257, std::string(8, '\0')).put(345, "x")).name, "file");
}

TEST(TarHeader, ReadsTimesOfGnuAndOfStar) {
  const auto gnu = parse(
      HeaderBytes("file").put(257, "ustar  \0"sv).put(345, "00000000011").put(357, "00000000012"));
  EXPECT_EQ(gnu.name, "file");
  EXPECT_EQ(gnu.atime, 9);
  EXPECT_EQ(gnu.ctime, 10);
  const auto star = parse(HeaderBytes("file")
                              .put(345, "dir")
                              .put(476, "00000000011")
                              .put(488, "00000000012")
                              .put(508, "tar\0"sv));
  EXPECT_EQ(star.name, "dir/file");
  EXPECT_EQ(star.atime, 9);
  EXPECT_EQ(star.ctime, 10);
}

TEST(TarHeader, AcceptsTheChecksumOfSignedCharacters) {
  std::string bytes = HeaderBytes("\xC3\xA9").bytes();
  HeaderValues values;
  EXPECT_EQ(parse_header(block_of(bytes), values), "");
  const auto unsigned_sum = parse_number(std::string_view(bytes).substr(148, 8)).value_or(0);
  bytes.replace(148, 6, fmt::format("{:06o}", unsigned_sum - 512));
  EXPECT_EQ(parse_header(block_of(bytes), values), "");
  bytes.replace(148, 6, fmt::format("{:06o}", unsigned_sum - 256));
  EXPECT_EQ(parse_header(block_of(bytes), values), "not a tar header: its checksum is wrong");
}

TEST(TarHeader, RefusesABadSizeOrTime) {
  EXPECT_EQ(problem(HeaderBytes("f").put(124, "00000000009")), "a tar header with a bad size");
  EXPECT_EQ(problem(HeaderBytes("f").put(124, std::string(12, '\xFF'))),
            "a tar header with a bad size");
  EXPECT_EQ(problem(HeaderBytes("f").put(136, "yesterday..")), "a tar header with a bad time");
  EXPECT_EQ(problem(HeaderBytes("f").put(257, "ustar  \0"sv).put(345, "yesterday")),
            "a tar header with a bad time");
}

}  // namespace
}  // namespace cim::tar
