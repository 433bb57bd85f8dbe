// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/format/cell_map.h"

#include <fmt/format.h>

namespace cim::registry {
namespace {

void report(FindingSink& sink, Severity severity, std::uint64_t offset_in_bins, std::string text) {
  sink.add({severity, kBaseBlockSize + offset_in_bins, {}, std::move(text)});
}

}  // namespace

CellMap::CellMap(ByteView bins, FindingSink& sink)
    : bins_(bins), allocated_(bins.size()), free_(bins.size()) {
  scan_bins(sink);
}

void CellMap::scan_bins(FindingSink& sink) {
  std::uint64_t offset = 0;
  while (offset < bins_.size()) {
    const std::uint32_t size = bin_size_at(offset, sink);
    if (size == 0) {
      offset += kBinAlignment;
      continue;
    }
    scan_cells(offset + sizeof(BinHeader), offset + size, sink);
    offset += size;
  }
}

/// Returns 0 if there is no usable bin.
std::uint32_t CellMap::bin_size_at(std::uint64_t offset, FindingSink& sink) const {
  const auto header = load<BinHeader>(bins_, static_cast<std::size_t>(offset));
  if (header.signature != kBinSignature) {
    report(sink, Severity::kDamage, offset, "expected a bin, whose signature is 'hbin'");
    return 0;
  }
  if (header.offset != offset) {
    report(sink, Severity::kDamage, offset,
           fmt::format("the bin states the offset {:#x}, but is at {:#x}",
                       std::uint32_t{header.offset}, offset));
    return 0;
  }
  const std::uint32_t size = header.size;
  if (size == 0 || size % kBinAlignment != 0 || size > bins_.size() - offset) {
    report(sink, Severity::kDamage, offset,
           fmt::format(
               "a bin of {:#x} bytes, which must be a multiple of 4096 within the {:#x} bytes left",
               size, bins_.size() - offset));
    return 0;
  }
  return size;
}

void CellMap::scan_cells(std::uint64_t begin, std::uint64_t end, FindingSink& sink) {
  bool free_before = false;
  while (begin < end) {
    const auto pointer = static_cast<std::uint32_t>(begin);
    const std::int64_t stored =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(load<Le32>(bins_, pointer)));
    const auto size = static_cast<std::uint64_t>(stored < 0 ? -stored : stored);
    if (size < kCellAlignment || size % kCellAlignment != 0) {
      report(sink, Severity::kDamage, begin,
             fmt::format("a cell of size {}, which must be a multiple of 8", stored));
      return;
    }
    if (size > end - begin) {
      report(sink, Severity::kDamage, begin,
             fmt::format("a cell of {} bytes, but only {} are left in its bin", size, end - begin));
      return;
    }
    (stored < 0 ? allocated_ : free_).insert(pointer);
    if (stored > 0 && free_before) {
      report(sink, Severity::kDeviation, begin, "two adjacent free cells");
    }
    free_before = stored > 0;
    begin += size;
  }
}

std::string_view CellMap::fault_of(std::uint32_t pointer) const noexcept {
  if (pointer == kNil) {
    return "it is absent";
  }
  if (pointer >= bins_.size()) {
    return "it points past the end of the hive";
  }
  if (pointer % kCellAlignment != 0) {
    return "it does not point to a multiple of 8";
  }
  return free_.contains(pointer) ? "it points to a free cell"
                                 : "it points into the middle of a cell";
}

}  // namespace cim::registry
