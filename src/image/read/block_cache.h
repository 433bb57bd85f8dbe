// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Recently read blocks of files that do not change, shared between threads.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "base/bytes.h"

namespace cim {

class OpenRegion;

/// Serves reads of a few bytes, which often lie close together, from blocks: a system call for each
/// costs more than everything else. Each block can be cached in one place only, so that finding it
/// needs no search; consecutive blocks have different places.
class BlockCache {
 public:
  /// Larger reads gain nothing.
  static constexpr std::size_t kLargestRead = std::size_t{16} << 10;

  /// Fills the buffer, of at most kLargestRead bytes, from a file of `size` bytes. `number`
  /// identifies the file. The range must be within the file. Throws as reading
  /// the file.
  void read_at(const OpenRegion& file, std::uint32_t number, std::uint64_t size,
               std::uint64_t offset, std::span<std::byte> into);

 private:
  static constexpr std::size_t kBlockSize = kLargestRead;
  static constexpr std::size_t kPlaces = 256;  // 4 MiB in all

  struct Place {
    std::mutex mutex;
    std::uint32_t file = 0;
    std::uint64_t block = 0;  // number in the file
    Bytes bytes;              // empty if there is none
  };

  void read_block(Place& place, const OpenRegion& file, std::uint64_t size);

  std::unique_ptr<std::array<Place, kPlaces>> places_ =
      std::make_unique<std::array<Place, kPlaces>>();
};

}  // namespace cim
