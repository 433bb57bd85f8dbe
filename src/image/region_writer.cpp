// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/region_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "format/header.h"

namespace cim {
namespace {

constexpr std::size_t kBufferSize = std::size_t{256} << 10;

// Pieces at least this long are written from where they are.
constexpr std::size_t kSharedSize = std::size_t{16} << 10;

// The kernel starts to write this much at a time while we go on, so that little is left for the
// end.
constexpr std::uint64_t kWritebackSize = std::uint64_t{8} << 20;

constexpr std::array<std::byte, 65536> kPadding{};

}  // namespace

RegionWriter::RegionWriter(const std::filesystem::path& path, std::uint16_t index, RegionType type,
                           WriteBehind& write_behind)
    : file_(File::create_new(path)),
      type_(type),
      write_behind_(&write_behind),
      buffers_(kBufferSize) {
  append(format::encode(
      format::RegionHeader{.index = index, .type = static_cast<std::uint8_t>(type)}));
}

void RegionWriter::append(const SharedBytes& bytes) {
  if (bytes.bytes.size() > format::RegionOffset::kMaxByteOffset - position()) {
    throw Error(ErrorCode::kLimit, path().string(), "a region of more than 2^48 bytes");
  }
  if (bytes.owner == nullptr || bytes.bytes.size() < kSharedSize) {
    append_copy(bytes.bytes);
  } else {
    hand_over_copied();
    hand_over(bytes);
  }
}

void RegionWriter::append_copy(ByteView bytes) {
  while (!bytes.empty()) {
    if (end_ == kBufferSize || buffer_ == nullptr) {
      hand_over_copied();
      buffer_ = buffers_.take();
      begin_ = 0;
      end_ = 0;
    }
    const ByteView piece = bytes.first(std::min(bytes.size(), kBufferSize - end_));
    std::copy(piece.begin(), piece.end(), buffer_->begin() + static_cast<std::ptrdiff_t>(end_));
    end_ += piece.size();
    bytes = bytes.subspan(piece.size());
  }
}

void RegionWriter::append_zeros(std::uint64_t count) {
  while (count > 0) {
    const std::uint64_t piece = std::min<std::uint64_t>(count, kPadding.size());
    append(ByteView(kPadding).first(static_cast<std::size_t>(piece)));
    count -= piece;
  }
}

void RegionWriter::align(std::uint64_t unit) {
  append_zeros((unit - position() % unit) % unit);
}

void RegionWriter::rewind(std::uint64_t position) {
  if (position >= flushed_) {
    end_ = begin_ + static_cast<std::size_t>(position - flushed_);
  } else {
    end_ = begin_;
    flushed_ = position;
  }
}

void RegionWriter::hand_over_copied() {
  if (begin_ < end_) {
    const ByteView copied = ByteView(*buffer_).subspan(begin_, end_ - begin_);
    begin_ = end_;
    hand_over({copied, buffer_});
  }
}

void RegionWriter::hand_over(SharedBytes bytes) {
  const std::uint64_t start = flushed_;
  flushed_ += bytes.bytes.size();
  std::uint64_t writeback_size = 0;
  if (flushed_ >= writeback_started_ + kWritebackSize) {
    writeback_size = flushed_ - writeback_started_;
    writeback_started_ = flushed_;
  }
  write_behind_->write(file_, start, std::move(bytes), writeback_size);
}

void RegionWriter::finish() {
  write_behind_->drain();
  if (begin_ < end_) {
    file_.write_at(flushed_, ByteView(*buffer_).subspan(begin_, end_ - begin_));
  }
  file_.resize(position());  // drops what was taken back after it had been written
}

}  // namespace cim
