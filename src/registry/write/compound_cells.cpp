// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/write/compound_cells.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <fmt/format.h>

namespace cim::registry {
namespace {

constexpr std::size_t kMaxListEntries = 0xFFFF;

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
