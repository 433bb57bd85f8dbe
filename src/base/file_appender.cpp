// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/file_appender.h"

#include <algorithm>
#include <utility>

namespace cim {
namespace {

constexpr std::size_t kBufferSize = std::size_t{256} << 10;

// Pieces at least this long are written from where they are.
constexpr std::size_t kSharedSize = std::size_t{16} << 10;

// The kernel starts to write this much at a time while we go on, so that little is left for the
// end.
constexpr std::uint64_t kWritebackSize = std::uint64_t{8} << 20;

}  // namespace

FileAppender::FileAppender(File& file, WriteBehind& write_behind)
    : file_(file), write_behind_(write_behind), buffers_(kBufferSize) {}

void FileAppender::append(const SharedBytes& bytes) {
  if (bytes.owner == nullptr || bytes.bytes.size() < kSharedSize) {
    append_copy(bytes.bytes);
  } else {
    hand_over_copied();
    hand_over(bytes);
  }
}

void FileAppender::append_copy(ByteView bytes) {
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

void FileAppender::rewind(std::uint64_t position) {
  if (position >= handed_over_) {
    end_ = begin_ + static_cast<std::size_t>(position - handed_over_);
  } else {
    end_ = begin_;
    handed_over_ = position;
  }
}

void FileAppender::hand_over_copied() {
  if (begin_ < end_) {
    const ByteView copied = ByteView(*buffer_).subspan(begin_, end_ - begin_);
    begin_ = end_;
    hand_over({copied, buffer_});
  }
}

void FileAppender::hand_over(SharedBytes bytes) {
  const std::uint64_t start = handed_over_;
  handed_over_ += bytes.bytes.size();
  std::uint64_t writeback_size = 0;
  if (handed_over_ >= writeback_started_ + kWritebackSize) {
    writeback_size = handed_over_ - writeback_started_;
    writeback_started_ = handed_over_;
  }
  write_behind_.write(file_, start, std::move(bytes), writeback_size);
}

void FileAppender::finish() {
  write_behind_.drain();
  if (begin_ < end_) {
    file_.write_at(handed_over_, ByteView(*buffer_).subspan(begin_, end_ - begin_));
  }
  file_.resize(position());  // drops what was taken back after it had been written
}

}  // namespace cim
