// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Builds the records of devices. Sizes, versions and GUIDs are those that public readers of such
// records expect; numbers such as U1 refer to the open questions in cim_boot_options.cpp.
#include "bcd/device.h"

#include <cstring>
#include <string_view>

namespace cim::bcd {
namespace {

constexpr std::size_t kGuidSize = 16;
// The minimum that Windows accepts: the GUID, and a record up to and including its size field.
constexpr std::size_t kLeastSize = 0x1C;
constexpr std::size_t kLongCimDevice = kGuidSize + 0x48;

// The interface VmbFs, and the share from which a utility VM boots (U8).
constexpr std::string_view kVmbFs = "c376c1c3-d276-48d2-90a9-c04748072c60";
constexpr std::string_view kBootShare = "c63c9bdf-5fa5-4208-b03f-6b458b365592";
constexpr std::string_view kCompositeSignature = "74038f79-91c7-4ab1-9e86-714178656c52";
constexpr std::uint32_t kCompositeVersion = 0;
constexpr std::uint32_t kCimVersion = 2;  // U1

DiskGuid on_disk(const Guid& guid) {
  return guid.to_mixed_endian();
}
DiskGuid on_disk(std::string_view known) {
  return on_disk(Guid::parse(known).value_or(Guid{}));
}

DeviceHead head_of(DeviceType type, std::uint32_t flags, std::size_t data_size) {
  DeviceHead head;
  head.type = static_cast<std::uint32_t>(type);
  head.flags = flags;
  head.record_size = static_cast<std::uint32_t>(data_size - kGuidSize);
  return head;
}

}  // namespace

Bytes partition_device(const GptPartition& partition) {
  PartitionDevice device;
  device.head = head_of(DeviceType::kPartition, 0, sizeof(device));
  device.partition = on_disk(partition.partition);
  device.disk = on_disk(partition.disk);
  Bytes data;
  append(data, device);
  return data;
}

Bytes vmbus_device() {
  VmbusDevice device;
  device.head = head_of(DeviceType::kVmbus, 0, sizeof(device));
  device.interface = on_disk(kVmbFs);
  device.instance = on_disk(kBootShare);
  Bytes data;
  append(data, device);
  return data;
}

Bytes cim_device(const Guid& options, CimRecord record_length) {
  const std::size_t size = record_length == CimRecord::kLong ? kLongCimDevice : sizeof(CimDevice);
  CimDevice device;
  device.head = head_of(DeviceType::kCim, kMadeFromOptions, size);
  device.head.options = on_disk(options);
  device.version = kCimVersion;
  device.volume = on_disk(kBootContainer);
  Bytes data;
  append(data, device);
  data.resize(size);
  return data;
}

Bytes composite_device(const Guid& options) {
  CompositeDevice device;
  device.head = head_of(DeviceType::kComposite, kMadeFromOptions, sizeof(device));
  device.head.options = on_disk(options);
  device.signature = on_disk(kCompositeSignature);
  device.version = kCompositeVersion;
  Bytes data;
  append(data, device);
  return data;
}

std::optional<DeviceHead> device_head(ByteView data) noexcept {
  if (data.size() < kLeastSize) {
    return std::nullopt;
  }
  DeviceHead head;
  std::memcpy(&head, data.data(), std::min(data.size(), sizeof(head)));
  return head.record_size == data.size() - kGuidSize ? std::optional(head) : std::nullopt;
}

}  // namespace cim::bcd
