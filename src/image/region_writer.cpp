// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/region_writer.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "format/header.h"

namespace cim {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 20;

// Pieces at least this long go to the file without a copy.
constexpr std::size_t kDirectSize = std::size_t{128} << 10;

// The kernel starts to write this much at a time while we go on, so that little is left for the
// end.
constexpr std::uint64_t kWritebackSize = std::uint64_t{8} << 20;

constexpr std::array<std::byte, 65536> kPadding{};

}  // namespace

RegionWriter::RegionWriter(const std::filesystem::path& path, std::uint16_t index, RegionType type)
    : file_(File::create_new(path)), type_(type) {
  buffer_.reserve(kBufferSize);
  append(format::encode(
      format::RegionHeader{.index = index, .type = static_cast<std::uint8_t>(type)}));
}

void RegionWriter::append(ByteView bytes) {
  if (bytes.size() > format::RegionOffset::kMaxByteOffset - position()) {
    throw Error(ErrorCode::kLimit, path().string(), "a region of more than 2^48 bytes");
  }
  if (buffer_.size() + bytes.size() > kBufferSize) {
    flush();
  }
  if (bytes.size() >= kDirectSize) {
    flush();
    file_.write_at(flushed_, bytes);
    flushed_ += bytes.size();
  } else {
    cim::append(buffer_, bytes);
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

void RegionWriter::flush() {
  file_.write_at(flushed_, buffer_);
  flushed_ += buffer_.size();
  buffer_.clear();
  if (flushed_ >= writeback_started_ + kWritebackSize) {
    file_.start_writeback(writeback_started_, flushed_ - writeback_started_);
    writeback_started_ = flushed_;
  }
}

void RegionWriter::finish() {
  flush();
  file_.resize(flushed_);  // drops what was taken back after it had been written
  file_.sync();
}

}  // namespace cim
