// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Maps the bytes of a file to blocks of region files.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cimlib/image.h"

#include "mount/erofs/disk_structs.h"

namespace cim::mount::erofs {

/// The region files that are devices, ordered by index: those with page-aligned data.
class Devices {
 public:
  /// Throws kLimit for more than kMaxDevices, and for a region with more blocks than a block number
  /// can express.
  Devices(const Image& image, unsigned block_bits);

  std::size_t count() const noexcept { return regions_.size(); }
  /// Returns the region of the nth device, counting from 0.
  std::uint32_t region(std::size_t index) const { return regions_[index]; }
  /// Returns the device number of a region in chunk indexes; 0 if it is not a device.
  std::uint16_t number_of(std::uint32_t region) const { return numbers_[region]; }
  /// Returns the size of a region file in bytes.
  std::uint64_t size_of(std::uint32_t region) const { return sizes_[region]; }

  /// Returns the device table.
  Bytes encode(unsigned block_bits) const;

 private:
  std::vector<std::uint32_t> regions_;
  std::vector<std::uint16_t> numbers_;
  std::vector<std::uint64_t> sizes_;
};

/// A file divided into chunks.
class FileMap {
 public:
  /// Returns nullopt if the file has to be copied, because its data is not on a device or not
  /// block-aligned. Throws kLimit, naming `what`, if it would need more than kMaxChunks. The
  /// extents are those of a stream that is not empty; the map keeps references to them and to the
  /// devices.
  static std::optional<FileMap> make(std::span<const Extent> extents, const Devices& devices,
                                     unsigned block_bits, const std::string& what);

  /// Only crafted images need more: executables are smaller than 4 GiB.
  static constexpr std::uint64_t kMaxChunks = std::uint64_t{1} << 23;

  unsigned chunk_bits() const noexcept { return chunk_bits_; }  ///< log2 of the blocks per chunk
  std::uint64_t chunk_size() const noexcept {
    return std::uint64_t{1} << (block_bits_ + chunk_bits_);
  }
  std::uint64_t count() const noexcept;

  /// Returns true if the last chunk has to be copied because its last block is incomplete in the
  /// region file: the kernel fails an entire read that reaches the end of a device.
  bool is_last_copied() const noexcept { return is_last_copied_; }

  /// Returns all indexes. If the last chunk is copied, its index refers to `copy`, a block of the
  /// metadata image.
  Bytes encode(std::uint32_t copy) const;

 private:
  FileMap(std::span<const Extent> extents, const Devices& devices, unsigned block_bits) noexcept
      : extents_(extents), devices_(&devices), block_bits_(block_bits) {}

  std::uint64_t file_size() const noexcept {
    return extents_.back().stream_offset + extents_.back().size;
  }
  /// Returns true if the extent starts at a block boundary, in the file and on a device.
  bool is_mappable(const Extent& extent) const;
  bool is_last_block_cut() const;
  void choose_chunk();
  /// Returns the index of the chunk at an offset inside the extent.
  DiskChunkIndex index_at(const Extent& extent, std::uint64_t stream_offset) const;

  std::span<const Extent> extents_;
  const Devices* devices_;
  unsigned block_bits_;
  unsigned chunk_bits_ = 0;
  bool is_last_copied_ = false;
};

}  // namespace cim::mount::erofs
