// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/metadata_file.h"

#include <algorithm>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "mount/erofs/disk_structs.h"

namespace cim::mount::erofs {
namespace {

// Small images have small files; large ones are written in large pieces.
constexpr std::uint64_t kFirstSegment = std::uint64_t{16} << 10;
constexpr std::uint64_t kLargestSegment = std::uint64_t{1} << 20;

constexpr std::uint64_t kWord = 4;

std::uint64_t aligned(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

MetadataFile::MetadataFile(File& file, unsigned block_bits, std::uint64_t limit)
    : file_(file), block_bits_(block_bits), limit_(limit), segment_size_(kFirstSegment) {}

void MetadataFile::flush(Segment& segment) {
  if (!segment.buffer.empty()) {
    file_.write_at(
        segment.begin,
        ByteView(segment.buffer).first(static_cast<std::size_t>(segment.next - segment.begin)));
    segment.buffer.clear();
  }
}

// The rest of the old segment remains unused. Segments grow with the file, so that is a small
// part of it.
void MetadataFile::renew(Segment& segment, std::uint64_t size) {
  flush(segment);
  const std::uint64_t whole = aligned(std::max(size, segment_size_), kFirstSegment);
  if (!fits_within(end_, whole, limit_)) {
    throw Error(ErrorCode::kLimit, file_.path().string(),
                fmt::format("the metadata image exceeds {} bytes", limit_));
  }
  segment = {.begin = end_, .next = end_, .end = end_ + whole};
  if (whole <= kLargestSegment) {
    segment.buffer.resize(static_cast<std::size_t>(whole));
  }
  end_ += whole;
  segment_size_ = std::min(2 * segment_size_, kLargestSegment);
}

std::uint64_t MetadataFile::take(Segment& segment, std::uint64_t size, std::uint64_t unit) {
  std::uint64_t place = aligned(segment.next, unit);
  if (!fits_within(place, size, segment.end)) {
    renew(segment, size);
    place = segment.next;
  }
  segment.next = place + size;
  used_ = std::max(used_, segment.next);
  return place;
}

void MetadataFile::reserve(std::uint64_t size) {
  take(inodes_, size, kWord);
}

bool MetadataFile::can_hold(std::uint64_t head, std::uint64_t tail) const noexcept {
  return head % kInodeUnit + tail <= block_size();
}

// The kernel requires the tail to be inside one block, but not the head, so inodes are moved up in
// steps of their alignment until the tail is.
std::uint64_t MetadataFile::place_inode(std::uint64_t head, std::uint64_t tail) {
  const auto gap_at = [&](std::uint64_t place) {
    std::uint64_t gap = 0;
    while (tail != 0 && (place + gap + head) % block_size() + tail > block_size()) {
      gap += kInodeUnit;
    }
    return gap;
  };
  std::uint64_t place = aligned(inodes_.next, kInodeUnit);
  if (!fits_within(place, gap_at(place) + head + tail, inodes_.end)) {
    renew(inodes_, head + tail + block_size());
    place = inodes_.next;
  }
  const std::uint64_t gap = gap_at(place);
  return take(inodes_, gap + head + tail, kInodeUnit) + gap;
}

std::uint64_t MetadataFile::place_words(std::uint64_t size) {
  return take(inodes_, size, kWord);
}

std::uint32_t MetadataFile::place_blocks(std::uint64_t count) {
  const std::uint64_t place = take(blocks_, count << block_bits_, block_size());
  const std::uint64_t block = place >> block_bits_;
  if (block >= kHole) {
    throw Error(ErrorCode::kLimit, file_.path().string(), "more blocks than EROFS can count");
  }
  return static_cast<std::uint32_t>(block);
}

bool MetadataFile::write_into(Segment& segment, std::uint64_t offset, ByteView bytes) {
  if (segment.buffer.empty() || offset < segment.begin || offset >= segment.end) {
    return false;
  }
  std::ranges::copy(bytes,
                    segment.buffer.begin() + static_cast<std::ptrdiff_t>(offset - segment.begin));
  return true;
}

void MetadataFile::write(std::uint64_t offset, ByteView bytes) {
  if (!write_into(inodes_, offset, bytes) && !write_into(blocks_, offset, bytes)) {
    file_.write_at(offset, bytes);
  }
}

std::uint32_t MetadataFile::finish() {
  flush(inodes_);
  flush(blocks_);
  const std::uint64_t size = aligned(used_, block_size());
  file_.resize(size);
  return static_cast<std::uint32_t>(size >> block_bits_);
}

}  // namespace cim::mount::erofs
