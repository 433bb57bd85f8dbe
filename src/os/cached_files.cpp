// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/cached_files.h"

#include <algorithm>
#include <cstring>

#include "base/checked_math.h"

namespace cim {

std::size_t CachedFiles::add(const std::filesystem::path& path) {
  entries_.push_back({path, 0, std::nullopt});
  const std::size_t file = entries_.size() - 1;
  entries_[file].size = open(file).size();
  return file;
}

const File& CachedFiles::open(std::size_t file) {
  auto& entry = entries_[file];
  if (!entry.file) {
    // Reopening a file is safe because files of an image never change once they have their name.
    if (open_.size() == kMostOpen) {
      entries_[open_.front()].file.reset();
      open_.pop_front();
    }
    entry.file = File::open_read_unlinked(entry.path);
    open_.push_back(file);
  }
  return *entry.file;
}

void CachedFiles::read_at(std::size_t file, std::uint64_t offset, std::span<std::byte> into) {
  if (!fits_within(offset, into.size(), size(file))) {
    return open(file).read_at(offset, into);  // throws an error that says what is wrong
  }
  while (!into.empty()) {
    const auto at = static_cast<std::size_t>(offset % kBlockSize);
    const std::size_t size = std::min(into.size(), kBlockSize - at);
    std::memcpy(into.data(), block(file, offset / kBlockSize).data() + at, size);
    into = into.subspan(size);
    offset += size;
  }
}

const CachedFiles::Block& CachedFiles::block(std::size_t file, std::uint64_t index) {
  // An object id file has fewer than 2^26 blocks, and an image fewer than 2^16 regions.
  const std::uint64_t key = std::uint64_t{file} << 48 ^ index;
  if (const auto known = blocks_.find(key); known != blocks_.end()) {
    return known->second;
  }
  // Starting over is simpler than removing the oldest block, and nearly as good: the blocks that
  // every binary search visits first are back after one search.
  if (blocks_.size() >= kMostBlocks) {
    blocks_.clear();
  }
  const std::uint64_t start = index * kBlockSize;
  Block bytes{};
  open(file).read_at(start, std::span(bytes).first(static_cast<std::size_t>(
                                std::min<std::uint64_t>(kBlockSize, size(file) - start))));
  return blocks_.emplace(key, bytes).first->second;
}

}  // namespace cim
