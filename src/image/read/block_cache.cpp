// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/block_cache.h"

#include <algorithm>

#include "cimlib/error.h"

#include "image/read/region_files.h"

namespace cim {

void BlockCache::read_at(const OpenRegion& file, std::uint32_t number, std::uint64_t size,
                         std::uint64_t offset, std::span<std::byte> into) {
  while (!into.empty()) {
    const std::uint64_t block = offset / kBlockSize;
    const auto start = static_cast<std::size_t>(offset % kBlockSize);
    const auto piece = into.first(std::min(into.size(), kBlockSize - start));
    // Any odd factor keeps consecutive blocks of a file apart.
    Place& place = (*places_)[(block + number * std::uint64_t{31}) % kPlaces];
    const std::lock_guard lock(place.mutex);
    if (place.bytes.empty() || place.file != number || place.block != block) {
      place.file = number;
      place.block = block;
      read_block(place, file, size);
    }
    if (place.bytes.empty()) {
      file.read_at(offset, piece);
    } else {
      std::copy_n(place.bytes.begin() + static_cast<std::ptrdiff_t>(start), piece.size(),
                  piece.begin());
    }
    offset += piece.size();
    into = into.subspan(piece.size());
  }
}

// Leaves no bytes if the block cannot be read: the damage may be in a part that the caller does not
// need. What a server cannot provide has been requested often enough already.
void BlockCache::read_block(Place& place, const OpenRegion& file, std::uint64_t size) {
  const std::uint64_t start = place.block * kBlockSize;
  place.bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBlockSize, size - start)));
  try {
    file.read_at(start, place.bytes);
  } catch (const Error&) {
    place.bytes.clear();
    if (!file.is_on_host()) {
      throw;
    }
  }
}

}  // namespace cim
