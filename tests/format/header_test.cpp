// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/header.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "hex.h"

namespace cim::format {
namespace {

using test::expect_error;
using test::from_hex;

const Guid kGuid = *Guid::parse("00112233-4455-6677-8899-aabbccddeeff");
const Guid kParent = *Guid::parse("01020304-0506-0708-090a-0b0c0d0e0f10");

TEST(FilesystemHeader, HasTheBytesOfTheFormat) {
  FilesystemHeader header;
  header.own = {kGuid, 3};
  header.filesystem = RegionOffset(5, 0x123456);
  header.parents = {{kParent, 0x0201}};
  const Bytes expected = from_hex(
      "63696d66696c6530 48000000 00 000000 02000000 00000000 0000000000000000"
      "33221100 5544 7766 8899aabbccddeeff 0300 0000 00000000"
      "56341200 0000 0500 00000000 0000 0100"
      "04030201 0605 0807 090a0b0c0d0e0f10 0102 0000 00000000");
  EXPECT_EQ(encode(header), expected);

  const FilesystemHeader decoded = decode_filesystem_header(expected, "x.cim");
  EXPECT_EQ(decoded.version, kWrittenVersion);
  EXPECT_EQ(decoded.own, header.own);
  EXPECT_EQ(decoded.filesystem, header.filesystem);
  EXPECT_EQ(decoded.parents, header.parents);
}

TEST(RegionHeader, HasTheBytesOfTheFormat) {
  const Bytes expected = from_hex(
      "63696d66696c6530 28000000 01 000000 02000000 00000000 0000000000000000 0201 02 00 00000000");
  EXPECT_EQ(encode(RegionHeader{.index = 0x0102, .type = 2}), expected);
  const std::filesystem::path file = "r";
  ThrowingSink sink(file);
  const auto decoded = decode_region_header(expected, 0x0102, sink);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->index, 0x0102);
  EXPECT_EQ(decoded->type, 2);
}

TEST(ObjectIdHeader, HasTheBytesOfTheFormat) {
  Bytes bytes = encode(ObjectIdHeader{.index = 1, .type = 1, .count = 7});
  ObjectIdEntry entry = {.length = 5, .offset = 4096};
  entry.id[0] = std::byte{0xAA};
  append_entry(bytes, entry);
  EXPECT_EQ(bytes, from_hex("63696d66696c6530 30000000 02 000000 02000000 00000000 0000000000000000"
                            "0100 01 00 00000000 30000000 07000000"
                            "0500000000000000 aa0000000000000000000000000000000000000000000000"
                            "0010000000000000"));
  EXPECT_EQ(decode_object_id_header(bytes, "o").count, 7U);
  ByteReader reader(ByteView(bytes).subspan(kObjectIdHeaderSize), "o");
  EXPECT_EQ(decode_object_id_entry(reader).offset, 4096U);
}

TEST(FilesystemHeader, RefusesOtherFiles) {
  FilesystemHeader header;
  header.own = {kGuid, 3};
  const Bytes good = encode(header);
  const auto decode_with = [&good](std::size_t offset, unsigned value) {
    Bytes bytes = good;
    bytes[offset] = std::byte(value);
    decode_filesystem_header(bytes, "x.cim");
  };
  expect_error(ErrorCode::kCorrupt, "x.cim: at byte 0: not a CIM file",
               [&] { decode_with(0, 'x'); });
  expect_error(ErrorCode::kCorrupt, "file type 1 (region), expected 0 (filesystem)",
               [&] { decode_with(12, 1); });
  expect_error(ErrorCode::kUnsupported, "format version 4.0", [&] { decode_with(16, 4); });
  expect_error(ErrorCode::kUnsupported, "format version 0.0", [&] { decode_with(16, 0); });
  expect_error(ErrorCode::kCorrupt, "a header of 71 bytes", [&] { decode_with(8, 71); });
  expect_error(ErrorCode::kCorrupt, "0 regions in total", [&] { decode_with(48, 0); });
  expect_error(ErrorCode::kCorrupt,
               "the region sets of 1 ancestors need 96 bytes, but the file has only 72",
               [&] { decode_with(70, 1); });
  expect_error(ErrorCode::kCorrupt,
               "x.cim: at byte 71: the file ends here, inside its 72-byte header",
               [&] { decode_filesystem_header(ByteView(good).first(71), "x.cim"); });
}

TEST(FilesystemHeader, CountsTheRegionsOfAllSets) {
  FilesystemHeader header;
  header.own = {kGuid, 1};
  header.parents = {{kParent, 65535}};
  EXPECT_EQ(decode_filesystem_header(encode(header), "x").parents.size(), 1U);
  header.own.count = 2;
  expect_error(ErrorCode::kCorrupt, "65537 regions in total",
               [&] { decode_filesystem_header(encode(header), "x"); });
}

TEST(RegionOffset, PacksTheRegionAboveTheOffset) {
  const RegionOffset offset(0xABCD, 0x123456789ABC);
  EXPECT_EQ(offset.raw(), 0xABCD123456789ABCU);
  EXPECT_EQ(offset.region(), 0xABCD);
  EXPECT_EQ(offset.byte_offset(), 0x123456789ABCU);
  EXPECT_THROW(RegionOffset(0, std::uint64_t{1} << 48), std::out_of_range);
}

}  // namespace
}  // namespace cim::format
