// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/pe_image.h"

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

TEST(PeImage, HasTheBytesOfTheFormat) {
  EXPECT_EQ(encode(kImage), from_hex(kImageBytes));
  const PeImage decoded = decode_pe_image(from_hex(kImageBytes), "r", 0);
  EXPECT_EQ(decoded.mappings, kImage.mappings);
  EXPECT_EQ(encode(decoded), from_hex(kImageBytes));
  EXPECT_EQ(pe_mapping_count(from_hex(kImageBytes), "r", 0), 2);
}

TEST(PeImage, RefusesMappingsOutOfOrder) {
  PeImage image = kImage;
  image.mappings[1].file_offset = 0x400;
  expect_error(ErrorCode::kCorrupt, "PE mapping 1 is out of order",
               [&] { decode_pe_image(encode(image), "r", 0); });
}

TEST(PeImage, RefusesMissingMappings) {
  const Bytes bytes = from_hex(kImageBytes);
  expect_error(ErrorCode::kCorrupt,
               "r: at byte 132: a PE mapping needs 8 bytes, but only 4 are left",
               [&] { decode_pe_image(ByteView(bytes).first(36), "r", 100); });
}

}  // namespace
}  // namespace cim::format
