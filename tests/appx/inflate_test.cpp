// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/inflate.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace cim::test {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPlain = "hello";
// RFC 1951: one stored block, and the same bytes with fixed Huffman codes.
constexpr std::string_view kStored = "\x01\x05\x00\xFA\xFFhello"sv;
constexpr std::string_view kPacked = "\xCB\x48\xCD\xC9\xC9\x07\x00"sv;

ByteView view(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Unpacks everything, with at most this many bytes of input and output at once.
std::string unpack(appx::Inflate& inflate, std::string_view packed, std::size_t piece) {
  std::string plain;
  std::array<std::byte, 64> output{};
  ByteView rest = view(packed);
  for (std::size_t idle = 0; idle < 2 && !inflate.has_ended();) {
    if (inflate.input.empty()) {
      inflate.input = rest.first(std::min(piece, rest.size()));
      rest = rest.subspan(inflate.input.size());
    }
    inflate.output = std::span(output).first(std::min(piece, output.size()));
    const std::size_t room = inflate.output.size();
    EXPECT_TRUE(inflate.run());
    const std::size_t count = room - inflate.output.size();
    plain.append(reinterpret_cast<const char*>(output.data()), count);
    idle = count == 0 && rest.empty() && inflate.input.empty() ? idle + 1 : 0;
  }
  return plain;
}

TEST(Inflate, UnpacksInPiecesOfAnySize) {
  for (const std::string_view packed : {kStored, kPacked}) {
    for (const std::size_t piece : {1U, 2U, 3U, 64U}) {
      appx::Inflate inflate;
      EXPECT_EQ(unpack(inflate, packed, piece), kPlain);
      EXPECT_TRUE(inflate.has_ended());
      EXPECT_FALSE(inflate.has_surplus());
    }
  }
}

TEST(Inflate, DoesNotEndWithTheInput) {
  appx::Inflate inflate;
  EXPECT_EQ(unpack(inflate, kStored.substr(0, 8), 64), "hel");
  EXPECT_FALSE(inflate.has_ended());
  EXPECT_FALSE(inflate.has_surplus());
}

TEST(Inflate, ReportsInputAfterTheEnd) {
  for (const std::string_view packed : {kStored, kPacked}) {
    appx::Inflate inflate;
    EXPECT_EQ(unpack(inflate, std::string(packed) + "x", 64), kPlain);
    EXPECT_TRUE(inflate.has_ended());
    EXPECT_TRUE(inflate.has_surplus());
  }
}

TEST(Inflate, FailsForDamagedData) {
  for (const std::string_view damaged :
       {"\x07"sv, "\x01\x05\x00\xFA\xFEhello"sv, "\x03\x02\x00\x00\x00\x00"sv}) {
    appx::Inflate inflate;
    std::array<std::byte, 64> output{};
    inflate.input = view(damaged);
    inflate.output = output;
    EXPECT_FALSE(inflate.run()) << static_cast<int>(damaged.front());
  }
}

TEST(AddToCrc, IsThatOfZipArchives) {
  constexpr std::string_view kDigits = "123456789";
  constexpr std::uint32_t kExpected = 0xCBF43926;
  EXPECT_EQ(appx::add_to_crc(0, view(kDigits)), kExpected);
  EXPECT_EQ(
      appx::add_to_crc(appx::add_to_crc(0, view(kDigits.substr(0, 4))), view(kDigits.substr(4))),
      kExpected);
}

}  // namespace
}  // namespace cim::test
