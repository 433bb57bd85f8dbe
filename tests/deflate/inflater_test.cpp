// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "deflate/inflater.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace cim::deflate {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPlain = "hello";
// RFC 1951: one stored block, and the same bytes with fixed Huffman codes.
constexpr std::string_view kStored = "\x01\x05\x00\xFA\xFFhello"sv;
constexpr std::string_view kPacked = "\xCB\x48\xCD\xC9\xC9\x07\x00"sv;
// RFC 1952: header, kPacked, CRC-32 and length.
constexpr std::string_view kGzip =
    "\x1F\x8B\x08\0\0\0\0\0\0\x03\xCB\x48\xCD\xC9\xC9\x07\0\x86\xA6\x10\x36\x05\0\0\0"sv;
constexpr std::size_t kChecksum = 17;
// The same with all optional fields of a header: extra, name, comment and checksum of the header.
constexpr std::string_view kFullHeader =
    "\x1F\x8B\x08\x1E\0\0\0\0\0\x03\x06\0AB\x02\0xyname\0note\0\x02-"
    "\xCB\x48\xCD\xC9\xC9\x07\0\x86\xA6\x10\x36\x05\0\0\0"sv;
constexpr std::size_t kHeaderChecksum = 28;

struct Sample {
  Framing framing;
  std::string_view packed;
};
constexpr auto kSamples = std::to_array<Sample>({{Framing::kRaw, kStored},
                                                 {Framing::kRaw, kPacked},
                                                 {Framing::kGzip, kGzip},
                                                 {Framing::kGzip, kFullHeader}});

ByteView view(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Unpacks everything, with at most this many bytes of input and output at once.
std::string unpack(Inflater& inflater, std::string_view packed, std::size_t piece) {
  std::string plain;
  std::array<std::byte, 64> output{};
  ByteView rest = view(packed);
  for (std::size_t idle = 0; idle < 2 && !inflater.has_ended();) {
    if (inflater.input.empty()) {
      inflater.input = rest.first(std::min(piece, rest.size()));
      rest = rest.subspan(inflater.input.size());
    }
    inflater.output = std::span(output).first(std::min(piece, output.size()));
    const std::size_t room = inflater.output.size();
    EXPECT_TRUE(inflater.run()) << inflater.failure();
    const std::size_t count = room - inflater.output.size();
    plain.append(reinterpret_cast<const char*>(output.data()), count);
    idle = count == 0 && rest.empty() && inflater.input.empty() ? idle + 1 : 0;
  }
  return plain;
}

// Returns the reason why this cannot be unpacked.
std::string failure_of(Framing framing, std::string_view damaged) {
  Inflater inflater(framing);
  std::array<std::byte, 64> output{};
  inflater.input = view(damaged);
  inflater.output = output;
  EXPECT_FALSE(inflater.run());
  return std::string(inflater.failure());
}

std::string with_byte(std::string_view text, std::size_t offset, char byte) {
  std::string changed(text);
  changed[offset] = byte;
  return changed;
}

TEST(Inflater, UnpacksInPiecesOfAnySize) {
  for (const auto& [framing, packed] : kSamples) {
    for (const std::size_t piece : {1U, 2U, 3U, 64U}) {
      Inflater inflater(framing);
      EXPECT_EQ(unpack(inflater, packed, piece), kPlain);
      EXPECT_TRUE(inflater.has_ended());
      EXPECT_FALSE(inflater.has_surplus());
    }
  }
}

TEST(Inflater, DoesNotEndWithTheInput) {
  Inflater inflater(Framing::kRaw);
  EXPECT_EQ(unpack(inflater, kStored.substr(0, 8), 64), "hel");
  EXPECT_FALSE(inflater.has_ended());
  EXPECT_FALSE(inflater.has_surplus());
}

TEST(Inflater, DoesNotEndBeforeTheTrailer) {
  for (std::size_t size = kChecksum; size < kGzip.size(); ++size) {
    Inflater inflater(Framing::kGzip);
    EXPECT_EQ(unpack(inflater, kGzip.substr(0, size), 64), kPlain);
    EXPECT_FALSE(inflater.has_ended());
    EXPECT_FALSE(inflater.has_surplus());
  }
}

TEST(Inflater, ReportsInputAfterTheEnd) {
  for (const auto& [framing, packed] : kSamples) {
    Inflater inflater(framing);
    EXPECT_EQ(unpack(inflater, std::string(packed) + "x", 64), kPlain);
    EXPECT_TRUE(inflater.has_ended());
    EXPECT_TRUE(inflater.has_surplus());
  }
}

TEST(Inflater, RestartsWithTheRestOfTheInput) {
  const std::string two = std::string(kGzip) + std::string(kGzip);
  Inflater inflater(Framing::kGzip);
  EXPECT_EQ(unpack(inflater, two, two.size()), kPlain);
  inflater.restart();
  EXPECT_FALSE(inflater.has_ended());
  EXPECT_EQ(unpack(inflater, "", two.size()), kPlain);
  EXPECT_TRUE(inflater.has_ended());
  EXPECT_FALSE(inflater.has_surplus());
}

TEST(Inflater, RestartsWhereverAHeaderIsDivided) {
  const std::string two = std::string(kGzip) + std::string(kFullHeader);
  for (std::size_t piece = 1; piece < two.size(); ++piece) {
    Inflater inflater(Framing::kGzip);
    EXPECT_EQ(unpack(inflater, two, piece), kPlain);
    const std::size_t begun = std::min((kGzip.size() + piece - 1) / piece * piece, two.size());
    inflater.restart();
    EXPECT_EQ(unpack(inflater, std::string_view(two).substr(begun), piece), kPlain) << piece;
    EXPECT_TRUE(inflater.has_ended());
    EXPECT_FALSE(inflater.has_surplus());
  }
}

TEST(Inflater, RestartsInTheMiddle) {
  for (const auto& [framing, packed] : kSamples) {
    Inflater inflater(framing);
    unpack(inflater, packed.substr(0, packed.size() - 2), 64);
    EXPECT_FALSE(inflater.has_ended());
    inflater.restart();
    EXPECT_EQ(unpack(inflater, packed, 64), kPlain);
    EXPECT_TRUE(inflater.has_ended());
  }
}

TEST(Inflater, FailsForDamagedData) {
  for (const std::string_view damaged :
       {"\x07"sv, "\x01\x05\x00\xFA\xFEhello"sv, "\x03\x02\x00\x00\x00\x00"sv}) {
    EXPECT_EQ(failure_of(Framing::kRaw, damaged), "the compressed data is damaged")
        << static_cast<int>(damaged.front());
  }
  EXPECT_EQ(failure_of(Framing::kGzip, with_byte(kGzip, 10, '\x07')),
            "the compressed data is damaged");
}

TEST(Inflater, SaysWhatIsWrongWithAGzipMember) {
  EXPECT_EQ(failure_of(Framing::kGzip, kStored), "expected a gzip header");
  EXPECT_EQ(failure_of(Framing::kGzip, with_byte(kGzip, 2, '\x07')),
            "a gzip member with an unknown compression method");
  EXPECT_EQ(failure_of(Framing::kGzip, with_byte(kFullHeader, kHeaderChecksum, 'x')),
            "the checksum of a gzip header is wrong");
  for (const std::size_t offset : {kChecksum, kGzip.size() - 1}) {
    EXPECT_EQ(failure_of(Framing::kGzip, with_byte(kGzip, offset, 'x')),
              "the checksum or length of the unpacked data is wrong");
  }
}

TEST(AddToCrc, IsThatOfZipArchives) {
  constexpr std::string_view kDigits = "123456789";
  constexpr std::uint32_t kExpected = 0xCBF43926;
  EXPECT_EQ(add_to_crc(0, view(kDigits)), kExpected);
  EXPECT_EQ(add_to_crc(add_to_crc(0, view(kDigits.substr(0, 4))), view(kDigits.substr(4))),
            kExpected);
}

}  // namespace
}  // namespace cim::deflate
