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

// The kernel starts to write this much at a time while we go on, so that little is left for the
// end.
constexpr std::uint64_t kWritebackSize = std::uint64_t{8} << 20;

constexpr std::array<std::byte, 65536> kPadding{};

}  // namespace

RegionWriter::RegionWriter(const std::filesystem::path& path, std::uint16_t index, RegionType type,
                           WriteBehind& write_behind)
    : file_(File::create_new(path)), type_(type), write_behind_(&write_behind) {
  append(format::encode(
      format::RegionHeader{.index = index, .type = static_cast<std::uint8_t>(type)}));
}

void RegionWriter::append(ByteView bytes) {
  if (bytes.size() > format::RegionOffset::kMaxByteOffset - position()) {
    throw Error(ErrorCode::kLimit, path().string(), "a region of more than 2^48 bytes");
  }
  while (!bytes.empty()) {
    if (buffer_.size() == WriteBehind::kBufferSize) {
      hand_over();
    }
    if (buffer_.capacity() == 0) {
      buffer_ = write_behind_->buffer();
    }
    const ByteView piece =
        bytes.first(std::min(bytes.size(), WriteBehind::kBufferSize - buffer_.size()));
    cim::append(buffer_, piece);
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
    buffer_.resize(static_cast<std::size_t>(position - flushed_));
  } else {
    buffer_.clear();
    flushed_ = position;
  }
}

void RegionWriter::hand_over() {
  const std::uint64_t end = position();
  std::uint64_t writeback_size = 0;
  if (end >= writeback_started_ + kWritebackSize) {
    writeback_size = end - writeback_started_;
    writeback_started_ = end;
  }
  write_behind_->write(file_, flushed_, std::exchange(buffer_, {}), writeback_size);
  flushed_ = end;
}

void RegionWriter::finish() {
  write_behind_->drain();
  file_.write_at(flushed_, buffer_);
  file_.resize(position());  // drops what was taken back after it had been written
}

}  // namespace cim
