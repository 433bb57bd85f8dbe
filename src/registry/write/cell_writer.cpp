// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Cells are allocated one after another in the open bin. A cell that does not fit ends the bin,
// whose rest becomes a free cell, and opens another that is just large enough.
//
// Sizes and kinds of lists follow what Windows writes, so that a hive made here passes for one of
// its own.
#include "registry/write/cell_writer.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/checked_math.h"

namespace cim::registry {
namespace {

/// For larger cells, Windows rounds the size up to a power of two.
constexpr std::size_t kMaxExactCellSize = 16384;

constexpr std::size_t kMaxListEntries = 0xFFFF;

// Version 1.5 introduced lists with hashes of whole names; before, lists had the first four
// characters.
bool has_hashes(std::uint32_t minor_version) noexcept {
  return minor_version >= 5;
}

std::uint32_t write_leaf(CellWriter& cells, std::span<const SubkeyEntry> subkeys,
                         const Signature2& signature) {
  const bool is_index = signature == kIndexLeafSignature;
  const std::size_t stride = is_index ? sizeof(Le32) : sizeof(HashLeafEntry);
  const std::uint32_t leaf = cells.allocate(sizeof(ListHeader) + subkeys.size() * stride);
  cells.store(leaf, 0, ListHeader{signature, static_cast<std::uint16_t>(subkeys.size())});
  for (std::size_t i = 0; i < subkeys.size(); ++i) {
    const std::size_t offset = sizeof(ListHeader) + i * stride;
    cells.store(leaf, offset, Le32{subkeys[i].pointer});
    if (!is_index) {
      cells.store(leaf, offset + offsetof(HashLeafEntry, hash), Le32{subkeys[i].hash});
    }
  }
  return leaf;
}

std::uint32_t write_plain(CellWriter& cells, const DataView& data) {
  const std::uint32_t pointer = cells.allocate(data.size());
  std::size_t offset = 0;
  data.for_each_piece([&](ByteView piece) {
    cells.store(pointer, offset, piece);
    offset += piece.size();
  });
  return pointer;
}

/// Every segment gets a cell of full size: other readers lose bytes if the last one is trimmed.
void write_segments(CellWriter& cells, const DataView& data, std::uint32_t list,
                    std::size_t count) {
  std::vector<std::uint32_t> segments(count);
  for (std::size_t i = 0; i < count; ++i) {
    segments[i] = cells.allocate(kSegmentCellDataSize);
    cells.store(list, i * sizeof(Le32), Le32{segments[i]});
  }
  std::size_t done = 0;
  data.for_each_piece([&](ByteView piece) {
    while (!piece.empty()) {
      const std::size_t within = done % kSegmentSize;
      const ByteView part = piece.first(std::min(piece.size(), kSegmentSize - within));
      cells.store(segments[done / kSegmentSize], within, part);
      done += part.size();
      piece = piece.subspan(part.size());
    }
  });
}

// Data above 16,344 bytes: a record, a list of pointers, and the segments.
std::uint32_t write_big(CellWriter& cells, const DataView& data) {
  const std::size_t count = data.size() / kSegmentSize + (data.size() % kSegmentSize != 0 ? 1 : 0);
  if (count > kMaxSegments) {
    cells.fail_limit(fmt::format("a value of {} bytes", data.size()));
  }
  const std::uint32_t pointer = cells.allocate(sizeof(BigDataRecord));
  const std::uint32_t list = cells.allocate(count * sizeof(Le32));
  cells.store(
      pointer, 0,
      BigDataRecord{kBigDataSignature, static_cast<std::uint16_t>(count), std::uint32_t{list}});
  write_segments(cells, data, list, count);
  return pointer;
}

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

// A cell never crosses the end of its bin. Its size is negative, which marks it as allocated.
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

// The cells of descriptors form a doubly linked ring, which can be written only when all are known.
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

std::uint32_t subkey_hash(const Name& name, std::uint32_t minor_version) noexcept {
  return has_hashes(minor_version) ? hash_of(name) : hint_of(name);
}

// As Windows does: in old hives, the leaves below a list of lists have no hints.
std::uint32_t write_subkey_lists(CellWriter& cells, std::span<const SubkeyEntry> subkeys,
                                 std::uint32_t minor_version) {
  const bool hashes = has_hashes(minor_version);
  if (subkeys.size() <= kMaxHashLeafEntries) {
    return write_leaf(cells, subkeys, hashes ? kHashLeafSignature : kFastLeafSignature);
  }
  const std::size_t per_leaf = hashes ? kMaxHashLeafEntries : kMaxIndexLeafEntries;
  const std::size_t leaves = subkeys.size() / per_leaf + (subkeys.size() % per_leaf != 0 ? 1 : 0);
  if (leaves > kMaxListEntries) {
    cells.fail_limit(fmt::format("{} subkeys of one key", subkeys.size()));
  }
  const std::uint32_t root = cells.allocate(sizeof(ListHeader) + leaves * sizeof(Le32));
  cells.store(root, 0, ListHeader{kIndexRootSignature, static_cast<std::uint16_t>(leaves)});
  for (std::size_t i = 0; i < leaves; ++i) {
    const std::size_t first = i * per_leaf;
    const auto part = subkeys.subspan(first, std::min(per_leaf, subkeys.size() - first));
    const std::uint32_t leaf =
        write_leaf(cells, part, hashes ? kHashLeafSignature : kIndexLeafSignature);
    cells.store(root, sizeof(ListHeader) + i * sizeof(Le32), Le32{leaf});
  }
  return root;
}

void write_value_data(CellWriter& cells, ValueRecord& record, const DataView& data,
                      std::uint32_t minor_version) {
  if (data.size() >= kInlineData) {
    cells.fail_limit("a value of 2 GiB");
  }
  const auto size = static_cast<std::uint32_t>(data.size());
  if (size <= kMaxInlineSize) {
    record.data_size = size | kInlineData;
    data.for_each_piece([&record](ByteView piece) {
      std::copy(piece.begin(), piece.end(),
                std::as_writable_bytes(std::span(&record.data, 1)).begin());
    });
    return;
  }
  record.data_size = size;
  record.data =
      is_big_data(size, minor_version) ? write_big(cells, data) : write_plain(cells, data);
}

}  // namespace cim::registry
