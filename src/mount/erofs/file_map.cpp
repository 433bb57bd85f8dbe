// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/file_map.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "cimlib/error.h"

namespace cim::mount::erofs {
namespace {

// The largest last chunk that is copied for a file whose last block is incomplete. Smaller chunks
// need more indexes; copies of larger ones would take more space than the indexes save.
constexpr std::uint64_t kMaxCopiedChunk = std::uint64_t{64} << 10;

std::uint64_t blocks_of(std::uint64_t size, unsigned block_bits) {
  return (size >> block_bits) + ((size & ((std::uint64_t{1} << block_bits) - 1)) != 0 ? 1 : 0);
}

}  // namespace

Devices::Devices(const Image& image, unsigned block_bits) {
  const std::vector<Region>& regions = image.regions();
  numbers_.resize(regions.size());
  for (std::uint32_t i = 0; i < regions.size(); ++i) {
    sizes_.push_back(regions[i].size);
    if (regions[i].type != RegionType::kPageAlignedData) {
      continue;
    }
    if (regions_.size() == kMaxDevices) {
      throw Error(ErrorCode::kLimit, image.path().string(),
                  fmt::format("more than {} regions with data", kMaxDevices));
    }
    if (blocks_of(regions[i].size, block_bits) >= kHole) {
      throw Error(ErrorCode::kLimit, regions[i].path.string(), "too large for EROFS");
    }
    regions_.push_back(i);
    numbers_[i] = static_cast<std::uint16_t>(regions_.size());
  }
}

Bytes Devices::encode(unsigned block_bits) const {
  Bytes bytes;
  for (const std::uint32_t region : regions_) {
    DiskDevice device{};
    device.blocks = static_cast<std::uint32_t>(blocks_of(sizes_[region], block_bits));
    append(bytes, device);
  }
  return bytes;
}

std::optional<FileMap> FileMap::make(std::span<const Extent> extents, const Devices& devices,
                                     unsigned block_bits, const std::string& what) {
  FileMap map(extents, devices, block_bits);
  if (!std::ranges::all_of(extents,
                           [&](const Extent& extent) { return map.is_mappable(extent); })) {
    return std::nullopt;
  }
  map.choose_chunk();
  if (map.count() > kMaxChunks) {
    throw Error(ErrorCode::kLimit, what,
                fmt::format("its data needs {} chunks; the limit is {}", map.count(), kMaxChunks));
  }
  return map;
}

/// The kernel maps whole blocks to whole blocks. The image reader has checked that an extent is
/// inside its region.
bool FileMap::is_mappable(const Extent& extent) const {
  const std::uint64_t into_block = (std::uint64_t{1} << block_bits_) - 1;
  return (extent.stream_offset & into_block) == 0 &&
         (extent.region_offset == 0 ||
          ((extent.region_offset & into_block) == 0 && devices_->number_of(extent.region) != 0));
}

/// Returns true if the region file ends inside the last block.
bool FileMap::is_last_block_cut() const {
  const Extent& last = extents_.back();
  if (last.region_offset == 0) {
    return false;
  }
  const std::uint64_t end = blocks_of(last.region_offset + last.size, block_bits_) << block_bits_;
  return end > devices_->size_of(last.region);
}

/// Every extent boundary must be a chunk boundary; apart from that, the larger the better.
void FileMap::choose_chunk() {
  const std::uint64_t most_blocks = std::bit_ceil(blocks_of(file_size(), block_bits_));
  unsigned bits =
      std::min<unsigned>(static_cast<unsigned>(std::countr_zero(most_blocks)), kMaxChunkBits);
  for (const Extent& extent : extents_.subspan(1)) {
    bits =
        std::min(bits, static_cast<unsigned>(std::countr_zero(extent.stream_offset)) - block_bits_);
  }
  is_last_copied_ = is_last_block_cut();
  if (is_last_copied_) {
    bits = std::min(bits, static_cast<unsigned>(std::countr_zero(kMaxCopiedChunk)) - block_bits_);
  }
  chunk_bits_ = bits;
}

std::uint64_t FileMap::count() const noexcept {
  return blocks_of(file_size(), block_bits_ + chunk_bits_);
}

DiskChunkIndex FileMap::index_at(const Extent& extent, std::uint64_t stream_offset) const {
  if (extent.region_offset == 0) {
    return {.block_high = 0U, .device = 0U, .block = kHole};
  }
  const std::uint64_t place = extent.region_offset + (stream_offset - extent.stream_offset);
  return {.block_high = 0U,
          .device = devices_->number_of(extent.region),
          .block = static_cast<std::uint32_t>(place >> block_bits_)};
}

Bytes FileMap::encode(std::uint32_t copy) const {
  Bytes bytes;
  const std::uint64_t chunks = count();
  bytes.reserve(static_cast<std::size_t>(chunks) * sizeof(DiskChunkIndex));
  auto extent = extents_.begin();
  for (std::uint64_t i = 0; i < chunks; ++i) {
    const std::uint64_t offset = i * chunk_size();
    while (offset - extent->stream_offset >= extent->size) {
      ++extent;
    }
    append(bytes, is_last_copied_ && i + 1 == chunks
                      ? DiskChunkIndex{.block_high = 0U, .device = 0U, .block = copy}
                      : index_at(*extent, offset));
  }
  return bytes;
}

}  // namespace cim::mount::erofs
