// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/pe_image.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "expect_error.h"
#include "hex.h"

namespace cim::format {
namespace {

using test::expect_error;
using test::from_hex;

const PeImage kImage = {RegionOffset(1, 0x2000),
                        0x1800,
                        0x3000,
                        PeImage::kValidImage,
                        {{0x400, 0xC00}, {0x600, 0x1A00}}};
const char* const kImageBytes =
    "0020000000000100 0018000000000000 00300000 0200 0100 00040000 000c0000 00060000 001a0000";

PeImage decode(ByteView bytes, std::uint64_t file_size = kImage.data_length) {
  const std::filesystem::path file = "r";
  ThrowingSink sink(file, 100);
  return decode_pe_image(bytes, file_size, sink).value();
}

TEST(PeImage, HasTheBytesOfTheFormat) {
  const Bytes bytes = from_hex(kImageBytes);
  EXPECT_EQ(encode(kImage), bytes);
  const PeImage decoded = decode(bytes);
  EXPECT_EQ(decoded.mappings, kImage.mappings);
  EXPECT_EQ(encode(decoded), bytes);
  EXPECT_EQ(pe_image_size(ByteReader(bytes, "r").read<DiskPeImage>("the head")), bytes.size());
}

TEST(PeImage, IsDividedIntoPieces) {
  const auto pieces = pieces_of(kImage, 0x1800);
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[0].size, 0x400U);
  EXPECT_EQ(pieces[1].from, 0x400U);
  EXPECT_EQ(pieces[1].place, 0x1000U);
  EXPECT_EQ(pieces[2].end(), 0x2000U + 0x1200U);
  EXPECT_EQ(pieces_of(kImage, 0x400).size(), 1U);
}

TEST(PeImage, RefusesMappingsOutOfOrder) {
  PeImage image = kImage;
  image.mappings[1].file_offset = 0x400;
  expect_error(ErrorCode::kCorrupt,
               "r: at byte 132: the mapping from byte 1024 follows the one from byte 1024",
               [&] { decode(encode(image)); });
}

TEST(PeImage, RefusesAnotherLengthThanItsFileHas) {
  expect_error(ErrorCode::kCorrupt, "an executable of 6144 bytes in a file of 6145",
               [&] { decode(encode(kImage), 6145); });
}

TEST(PeImage, RefusesMissingMappings) {
  const Bytes bytes = from_hex(kImageBytes);
  expect_error(ErrorCode::kCorrupt,
               "r: at byte 120: 2 mappings do not fit into a descriptor of 36 bytes",
               [&] { decode(ByteView(bytes).first(36)); });
}

}  // namespace
}  // namespace cim::format
