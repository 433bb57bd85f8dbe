// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Which blocks of which region file are the bytes of a file.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cimlib/image.h"

#include "mount/erofs/disk_structs.h"

namespace cim::mount::erofs {

/// The region files that become devices, in the order of their index: those with page-aligned data.
class Devices {
 public:
  /// Throws kLimit for more than kMaxDevices and for a region with more blocks than a block number
  /// can tell.
  Devices(const Image& image, unsigned block_bits);

  std::size_t count() const noexcept { return regions_.size(); }
  /// The region of the nth device, from 0 on.
  std::uint32_t region(std::size_t index) const { return regions_[index]; }
  /// The number of a region's device in chunk indexes; 0 if it has none.
  std::uint16_t number_of(std::uint32_t region) const { return numbers_[region]; }
  /// Bytes of a region file.
  std::uint64_t size_of(std::uint32_t region) const { return sizes_[region]; }

  /// For the device table.
  Bytes encode(unsigned block_bits) const;

 private:
  std::vector<std::uint32_t> regions_;
  std::vector<std::uint16_t> numbers_;
  std::vector<std::uint64_t> sizes_;
};

/// A file in chunks.
class FileMap {
 public:
  /// Nothing for what has to be copied: data that lie in no device, or at no block's start. Throws
  /// kLimit, naming `what`, for one that would take more than kMaxChunks. The extents are those of
  /// a stream that isn't empty; the map refers to them and to the devices.
  static std::optional<FileMap> make(std::span<const Extent> extents, const Devices& devices,
                                     unsigned block_bits, const std::string& what);

  /// Only crafted images ask for more: executables are below 4 GiB.
  static constexpr std::uint64_t kMaxChunks = std::uint64_t{1} << 23;

  unsigned chunk_bits() const noexcept { return chunk_bits_; }  ///< log2 of a chunk's blocks
  std::uint64_t chunk_size() const noexcept {
    return std::uint64_t{1} << (block_bits_ + chunk_bits_);
  }
  std::uint64_t count() const noexcept;

  /// Whether the last chunk has to be copied, because its last block is not whole in the region
  /// file: the kernel fails all of a read that meets the end of a device.
  bool is_last_copied() const noexcept { return is_last_copied_; }

  /// All indexes; the last one leads to `copy`, a block of the metadata image, if it is copied.
  Bytes encode(std::uint32_t copy) const;

 private:
  FileMap(std::span<const Extent> extents, const Devices& devices, unsigned block_bits) noexcept
      : extents_(extents), devices_(&devices), block_bits_(block_bits) {}

  std::uint64_t file_size() const noexcept {
    return extents_.back().stream_offset + extents_.back().size;
  }
  bool is_mappable(const Extent& extent) const;
  bool is_last_block_cut() const;
  void choose_chunk();
  DiskChunkIndex index_at(const Extent& extent, std::uint64_t stream_offset) const;

  std::span<const Extent> extents_;
  const Devices* devices_;
  unsigned block_bits_;
  unsigned chunk_bits_ = 0;
  bool is_last_copied_ = false;
};

}  // namespace cim::mount::erofs
