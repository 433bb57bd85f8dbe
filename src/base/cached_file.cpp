// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/cached_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/checked_math.h"

namespace cim {

CachedFile::CachedFile(File file) : file_(std::move(file)), size_(file_.size()) {}

void CachedFile::read_at(std::uint64_t offset, std::span<std::byte> into) {
  if (!fits_within(offset, into.size(), size_)) {
    return file_.read_at(offset, into);  // which says what is wrong
  }
  while (!into.empty()) {
    const auto at = static_cast<std::size_t>(offset % kBlockSize);
    const std::size_t size = std::min(into.size(), kBlockSize - at);
    std::memcpy(into.data(), block(offset / kBlockSize).data() + at, size);
    into = into.subspan(size);
    offset += size;
  }
}

const CachedFile::Block& CachedFile::block(std::uint64_t index) {
  if (const auto known = blocks_.find(index); known != blocks_.end()) {
    return known->second;
  }
  if (blocks_.size() >= kMostBlocks) {
    blocks_.clear();
  }
  const std::uint64_t start = index * kBlockSize;
  Block bytes{};
  file_.read_at(start, std::span(bytes).first(static_cast<std::size_t>(
                           std::min<std::uint64_t>(kBlockSize, size_ - start))));
  return blocks_.emplace(index, bytes).first->second;
}

}  // namespace cim
