// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "bcd/device.h"

#include <gtest/gtest.h>

#include "bcd/element.h"
#include "hex.h"
#include "sample_store.h"

namespace cim::bcd {
namespace {

TEST(Device, WritesTheBootShareOfVmbus) {
  EXPECT_EQ(to_hex(vmbus_device()), to_hex(test::from_hex(R"(
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    07 00 00 00 00 00 00 00 48 00 00 00 00 00 00 00
    c3 c1 76 c3 76 d2 d2 48 90 a9 c0 47 48 07 2c 60
    df 9b 3c c6 a5 5f 08 42 b0 3f 6b 45 8b 36 55 92
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00)")));
}

TEST(Device, WritesAPartitionFollowedByItsDisk) {
  EXPECT_EQ(to_hex(partition_device(test::sample_boot_options().scratch)), to_hex(test::from_hex(R"(
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    06 00 00 00 00 00 00 00 48 00 00 00 00 00 00 00
    c1 d0 e0 f1 a3 b2 85 94 76 67 58 49 3a 2b 1c 0d
    00 00 00 00 00 00 00 00 3a 2b 1c 0d 58 49 76 67
    85 94 a3 b2 c1 d0 e0 f1 00 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00)")));
}

TEST(Device, WritesACimInBothLengths) {
  EXPECT_EQ(to_hex(cim_device(cim_options(), CimRecord::kShort)), to_hex(test::from_hex(R"(
    ea 9f 3e 76 2d 50 4f 43 aa d9 5f ab e9 c9 1a 7b
    0b 00 00 00 01 00 00 00 30 00 00 00 00 00 00 00
    02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    4c 45 90 b8 de 80 98 4e a7 ab 56 b7 4b 4f bd 0c)")));
  EXPECT_EQ(to_hex(cim_device(cim_options(), CimRecord::kLong)), to_hex(test::from_hex(R"(
    ea 9f 3e 76 2d 50 4f 43 aa d9 5f ab e9 c9 1a 7b
    0b 00 00 00 01 00 00 00 48 00 00 00 00 00 00 00
    02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    4c 45 90 b8 de 80 98 4e a7 ab 56 b7 4b 4f bd 0c
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00)")));
}

TEST(Device, WritesACompositeWithItsOptions) {
  EXPECT_EQ(to_hex(composite_device(composite_options())), to_hex(test::from_hex(R"(
    20 72 78 e1 7f d1 e7 49 97 7a d8 fe 4c 85 37 e2
    0a 00 00 00 01 00 00 00 48 00 00 00 00 00 00 00
    79 8f 03 74 c7 91 b1 4a 9e 86 71 41 78 65 6c 52
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00)")));
}

TEST(Device, HasAHeadOnlyIfItsSizeIsRight) {
  Bytes data = vmbus_device();
  EXPECT_EQ(device_head(data)->type, 7U);
  data.push_back(std::byte{0});
  EXPECT_FALSE(device_head(data).has_value());
  EXPECT_FALSE(device_head(ByteView(data).first(0x1B)).has_value());
  EXPECT_FALSE(device_head({}).has_value());
}

TEST(Device, MayBeAsShortAsWindowsAllows) {
  const Bytes data = test::from_hex("00000000000000000000000000000000 05000000 00000000 0c000000");
  EXPECT_EQ(device_head(data)->type, 5U);
}

}  // namespace
}  // namespace cim::bcd
