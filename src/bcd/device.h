// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Data of device elements: the GUID of an object with further options, then a record whose layout
// depends on the kind of device. Offsets below are relative to the start of the value.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "cimlib/bcd.h"
#include "cimlib/guid.h"

#include "base/bytes.h"
#include "base/endian.h"

namespace cim::bcd {

/// A GUID in the layout of Windows structures.
using DiskGuid = std::array<std::byte, 16>;

enum class DeviceType : std::uint32_t { kPartition = 6, kVmbus = 7, kComposite = 10, kCim = 11 };

/// The device is created at boot, from the object with the options.
inline constexpr std::uint32_t kMadeFromOptions = 1;

/// The start of the data of every device.
struct DeviceHead {
  DiskGuid options{};  // 00: zero for none
  Le32 type;           // 10: DeviceType
  Le32 flags;          // 14
  Le32 record_size;    // 18: of everything after the GUID
  Le32 padding;        // 1c
};
static_assert(sizeof(DeviceHead) == 0x20);

/// A partition of a GPT disk.
struct PartitionDevice {
  DeviceHead head;
  DiskGuid partition{};              // 20
  Le32 parent;                       // 30: 0 is a hard disk
  Le32 style;                        // 34: 0 is GPT
  DiskGuid disk{};                   // 38
  std::array<std::byte, 16> zero{};  // 48
};
static_assert(sizeof(PartitionDevice) == 88);

/// The vmbus share from which the VM boots.
struct VmbusDevice {
  DeviceHead head;
  DiskGuid interface {};             // 20: kind of interface
  DiskGuid instance{};               // 30
  std::array<std::byte, 24> zero{};  // 40
};
static_assert(sizeof(VmbusDevice) == 88);

struct CompositeDevice {
  DeviceHead head;
  std::array<std::byte, 16> signature{};  // 20
  Le32 version;                           // 30
  Le32 primary_offset;                    // 34: 0 in a store
  Le32 secondary_offset;                  // 38: 0 in a store
  std::array<std::byte, 28> zero{};       // 3c
};
static_assert(sizeof(CompositeDevice) == 88);

/// The volume of a mounted image.
struct CimDevice {
  DeviceHead head;
  Le32 version;        // 20
  Le32 parent_offset;  // 24: 0 in a store
  Le32 path_offset;    // 28: 0 in a store
  Le32 path_size;      // 2c: 0 in a store
  DiskGuid volume{};   // 30: the volume under which it is mounted
};
static_assert(sizeof(CimDevice) == 64);

/// Return the data of an element for a device in `bcdedit` notation.
Bytes partition_device(const GptPartition& partition);           // gpt_partition=DISK;PARTITION
Bytes vmbus_device();                                            // vmbus=, the boot share
Bytes cim_device(const Guid& options, CimRecord record_length);  // cimfs=, the boot container
Bytes composite_device(const Guid& options);                     // composite=0

/// Returns the head of an element's data; nullopt if the size of the data differs from the one that
/// the head states.
std::optional<DeviceHead> device_head(ByteView data) noexcept;

}  // namespace cim::bcd
