// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/file_record.h"

#include <gtest/gtest.h>

#include "cimlib/attributes.h"

#include "format/filesystem.h"
#include "hex.h"

namespace cim::format {
namespace {

using test::from_hex;

FileRecord sample() {
  FileRecord record;
  record.flags = kFlagReadOnly | kFlagArchive;
  record.ea_length = 0x0102;
  record.reparse_tag = 0xA000000C;
  record.times = {{1}, {2}, {3}, {4}};
  record.stream = {RegionOffset(1, 0x1000), 0x112233445566, StreamType::kPeImage, true};
  record.security_descriptor = RegionOffset(0, 5);
  record.extended_attributes = RegionOffset(0, 6);
  record.reparse_data = RegionOffset(0, 7);
  record.streams = RegionOffset(0, 8);
  record.parent = 9;
  record.base_region = 10;
  return record;
}

const char* const kSampleBytes =
    "0900 0201 0c0000a0 0100000000000000 0200000000000000 0300000000000000 0400000000000000"
    "0010000000000100 6655443322110201 0500000000000000 0600000000000000 0700000000000000"
    "0800000000000000 09000000 0a00 0000";

TEST(FileRecord, HasTheBytesOfTheFormat) {
  EXPECT_EQ(encode(sample()), from_hex(kSampleBytes));
  EXPECT_EQ(from_hex(kSampleBytes).size(), kFileRecordSize);
}

TEST(FileRecord, DecodesWhatItEncodes) {
  const FileRecord decoded = decode_file_record(from_hex(kSampleBytes));
  EXPECT_EQ(encode(decoded), from_hex(kSampleBytes));
  EXPECT_EQ(decoded.stream, sample().stream);
}

TEST(FileRecord, DecodesRecordsOfAnySize) {
  Bytes bytes = from_hex(kSampleBytes);
  const FileRecord old = decode_file_record(ByteView(bytes).first(88));
  EXPECT_EQ(old.streams, RegionOffset(0, 8));
  EXPECT_EQ(old.parent, 0U);
  bytes.resize(104, std::byte{0xFF});
  EXPECT_EQ(encode(decode_file_record(bytes)), from_hex(kSampleBytes));
  EXPECT_EQ(decode_file_record({}).times.creation.ticks, 0U);
}

TEST(FileFlags, RepresentFiveAttributes) {
  EXPECT_EQ(attributes_of_flags(31), attribute::kStoredAttributes);
  EXPECT_EQ(flags_of_attributes(0xFFFFFFFF), 31);
  EXPECT_EQ(flags_of_attributes(attribute::kArchive), kFlagArchive);
  EXPECT_EQ(attributes_of_flags(kFlagSparse), attribute::kSparseFile);
}

TEST(Filesystem, HasTheBytesOfTheFormat) {
  Bytes bytes;
  append(bytes, encode(Filesystem{RegionOffset(0, 1), RegionOffset(0, 2), 3, 4}));
  append(bytes, encode(FileTable{RegionOffset(0, 5), 1024, 96}));
  EXPECT_EQ(bytes, from_hex("0100000000000000 0200000000000000 03000000 04000000"
                            "0500000000000000 0004 6000 00000000"));
}

}  // namespace
}  // namespace cim::format
