// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "image/read/image_reader.h"

namespace cim {

Stream::Stream(std::shared_ptr<const ImageReader> reader, std::uint64_t size, Storage storage,
               std::vector<Extent> extents)
    : reader_(std::move(reader)), size_(size), storage_(storage), extents_(std::move(extents)) {}

std::size_t Stream::read(std::uint64_t offset, std::span<std::byte> into) const {
  if (offset >= size_) {
    return 0;
  }
  into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - offset)));
  const std::size_t total = into.size();
  auto extent = std::prev(std::ranges::upper_bound(extents_, offset, {}, &Extent::stream_offset));
  while (!into.empty()) {
    const std::uint64_t skip = offset - extent->stream_offset;
    const auto part = into.first(
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), extent->size - skip)));
    if (extent->region_offset == 0) {
      std::ranges::fill(part, std::byte{0});
    } else {
      reader_->files().read_stream(extent->region, size_, extent->region_offset + skip, part);
    }
    into = into.subspan(part.size());
    offset += part.size();
    ++extent;
  }
  return total;
}

std::vector<std::byte> Stream::read_all(std::size_t limit) const {
  if (size_ > limit) {
    throw Error(ErrorCode::kLimit, reader_->path().string(),
                fmt::format("a stream of {} bytes; the limit is {}", size_, limit));
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(size_));
  read(0, bytes);
  return bytes;
}

void Stream::start_reading(std::uint64_t offset, std::uint64_t size) const {
  const std::uint64_t end = offset + std::min(size, size_ - std::min(offset, size_));
  for (const Extent& extent : extents_) {
    const std::uint64_t from = std::max(offset, extent.stream_offset);
    const std::uint64_t to = std::min(end, extent.stream_offset + extent.size);
    if (from < to && extent.region_offset != 0) {
      reader_->files()
          .open(extent.region, size_)
          .start_reading(extent.region_offset + (from - extent.stream_offset), to - from);
    }
  }
}

}  // namespace cim
