// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/write/cell_writer.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "cimlib/error.h"

#include "base/checked_math.h"

namespace cim::registry {
namespace {

/// For larger cells, Windows rounds the size up to a power of two.
constexpr std::size_t kMaxExactCellSize = 16384;

}  // namespace

CellWriter::CellWriter(std::string subject, FileTime last_written, std::size_t expected_size)
    : subject_(std::move(subject)), last_written_(last_written) {
  file_.reserve(expected_size);
  file_.resize(kBaseBlockSize);
}

void CellWriter::fail_limit(std::string reason) const {
  throw Error(ErrorCode::kLimit, subject_, std::move(reason));
}

void CellWriter::store(std::uint32_t cell, std::size_t offset, ByteView bytes) noexcept {
  std::copy(bytes.begin(), bytes.end(), at(cell) + kCellHeaderSize + offset);
}

std::uint32_t CellWriter::allocate(std::size_t data_size) {
  std::size_t size = (kCellHeaderSize + data_size + kCellAlignment - 1) & ~std::size_t{7};
  if (size > kMaxExactCellSize) {
    size = std::bit_ceil(size);
  }
  if (size > std::size_t{bin_end_} - next_) {
    close_bin();
    open_bin(size);
  }
  const std::uint32_t pointer = next_;
  next_ += static_cast<std::uint32_t>(size);
  const Le32 header = ~static_cast<std::uint32_t>(size) + 1;
  std::memcpy(at(pointer), &header, sizeof(header));
  return pointer;
}

void CellWriter::open_bin(std::size_t needed) {
  const auto size = *checked_align_up(sizeof(BinHeader) + needed, kBinAlignment);
  if (size > kMaxBinsSize - bin_end_) {
    fail_limit("the hive would become larger than 2 GiB");
  }
  const std::uint32_t offset = bin_end_;
  BinHeader header{};
  header.signature = kBinSignature;
  header.offset = offset;
  header.size = static_cast<std::uint32_t>(size);
  if (offset == 0) {
    header.time = last_written_.ticks;
  }
  file_.resize(file_.size() + static_cast<std::size_t>(size));
  std::memcpy(at(offset), &header, sizeof(header));
  next_ = offset + static_cast<std::uint32_t>(sizeof(header));
  bin_end_ = offset + static_cast<std::uint32_t>(size);
}

void CellWriter::close_bin() noexcept {
  if (next_ < bin_end_) {
    const Le32 free_size = bin_end_ - next_;
    std::memcpy(at(next_), &free_size, sizeof(free_size));
    next_ = bin_end_;
  }
}

std::uint32_t CellWriter::close() noexcept {
  close_bin();
  return bin_end_;
}

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
