// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/write/value_data.h"

#include <algorithm>
#include <span>
#include <vector>

#include <fmt/format.h>

namespace cim::registry {
namespace {

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
