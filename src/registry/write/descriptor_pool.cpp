// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/write/descriptor_pool.h"

namespace cim::registry {

DescriptorId DescriptorPool::find(ByteView bytes) {
  const auto known = known_.find(as_text(bytes));
  if (known != known_.end()) {
    return DescriptorId{known->second};
  }
  const auto id = static_cast<std::uint32_t>(descriptors_.size());
  descriptors_.push_back({Bytes(bytes.begin(), bytes.end())});
  known_.emplace(as_text(descriptors_.back().bytes), id);
  return DescriptorId{id};
}

std::uint32_t DescriptorPool::use(DescriptorId id, CellWriter& cells) {
  const auto index = static_cast<std::uint32_t>(id);
  Descriptor& descriptor = descriptors_.at(index);
  if (descriptor.pointer == kNil) {
    descriptor.pointer = cells.allocate(sizeof(SecurityRecord) + descriptor.bytes.size());
    cells.store(descriptor.pointer, sizeof(SecurityRecord), descriptor.bytes);
    used_.push_back(index);
  }
  ++descriptor.references;
  return descriptor.pointer;
}

void DescriptorPool::write_ring(CellWriter& cells) const {
  const std::size_t count = used_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Descriptor& descriptor = descriptors_[used_[i]];
    SecurityRecord record{};
    record.signature = kSecuritySignature;
    record.next = descriptors_[used_[(i + 1) % count]].pointer;
    record.previous = descriptors_[used_[(i + count - 1) % count]].pointer;
    record.references = descriptor.references;
    record.descriptor_size = static_cast<std::uint32_t>(descriptor.bytes.size());
    cells.store(descriptor.pointer, 0, record);
  }
}

}  // namespace cim::registry
