// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A file that is appended to consists of five consecutive parts: bytes that the kernel has, bytes
// that WriteBehind will write, gathered_ pieces that wait for a larger write, copied bytes in
// buffer_ from begin_ to end_, and zeros_, a run of zeros that may become a hole. rewind() removes
// from the last part first, and reading visits them in order.
#include "async/file_appender.h"

#include <algorithm>
#include <utility>

namespace cim {
namespace {

constexpr std::size_t kBufferSize = std::size_t{256} << 10;

// Pieces at least this long are written without being copied.
constexpr std::size_t kSharedSize = std::size_t{16} << 10;

// Shorter runs of zeros are written together with the bytes around them.
constexpr std::uint64_t kHoleSize = std::uint64_t{64} << 10;

// File systems store holes in units of this size or a multiple.
constexpr std::size_t kBlockSize = 4096;

// The larger a write, the less work the kernel does per byte.
constexpr std::uint64_t kWriteSize = std::uint64_t{1} << 20;
constexpr std::size_t kMostPieces = 32;

// The kernel starts to write this much at a time to disk while more is appended, so that little is
// left to do at the end.
constexpr std::uint64_t kWritebackSize = std::uint64_t{8} << 20;

// A run of zeros in some bytes; empty and at their end if there is none.
struct ZeroRun {
  std::size_t begin;
  std::size_t end;
};

// Finds the first run of zero blocks that is long, or that may be part of a long one because it
// reaches the end of the bytes or continues zeros before them. `offset` is that of the bytes in the
// file. The cost is small: most blocks have a byte other than zero soon.
ZeroRun find_zeros(ByteView bytes, std::uint64_t offset, bool follows_zeros) {
  const auto block_end = [&](std::size_t at) {
    const auto begun = static_cast<std::size_t>((offset + at) % kBlockSize);
    return std::min(bytes.size(), at + kBlockSize - begun);
  };
  for (std::size_t at = 0; at < bytes.size();) {
    const bool continues = at == 0 && follows_zeros;
    const bool is_aligned = (offset + at) % kBlockSize == 0;
    std::size_t end = at;
    while (end < bytes.size() && (continues || is_aligned) &&
           is_zero(bytes.subspan(end, block_end(end) - end))) {
      end = block_end(end);
    }
    if (end > at && (continues || end == bytes.size() || end - at >= kHoleSize)) {
      return {at, end};
    }
    at = std::max(end, block_end(at));
  }
  return {bytes.size(), bytes.size()};
}

}  // namespace

FileAppender::FileAppender(File& file, WriteBehind& write_behind)
    : file_(file), write_behind_(write_behind), buffers_(kBufferSize) {}

void FileAppender::append(const SharedBytes& bytes) {
  for (SharedBytes rest = bytes; !rest.bytes.empty();) {
    const ZeroRun run = find_zeros(rest.bytes, position(), zeros_ > 0);
    if (run.begin > 0) {
      append_zeros_before();
      append_data(rest.first(run.begin));
    }
    zeros_ += run.end - run.begin;
    rest.bytes = rest.bytes.subspan(run.end);
  }
}

void FileAppender::append_data(const SharedBytes& bytes) {
  if (bytes.owner == nullptr || bytes.bytes.size() < kSharedSize) {
    append_copy(bytes.bytes);
  } else {
    gather_copied();
    gather(bytes);
  }
}

// Small pieces are collected in a buffer, which is written as one.
void FileAppender::append_copy(ByteView bytes) {
  while (!bytes.empty()) {
    if (end_ == kBufferSize || buffer_ == nullptr) {
      gather_copied();
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

// Ends the run of zeros: bytes follow it, or the file ends.
void FileAppender::append_zeros_before() {
  const std::uint64_t count = std::exchange(zeros_, 0);
  // Bytes that were written before a rewind() are still in the file and must be overwritten.
  const std::uint64_t old_bytes = end_of_written_ - std::min(end_of_written_, position());
  std::uint64_t to_write = count < kHoleSize ? count : std::min(count, old_bytes);
  const std::uint64_t hole = count - to_write;
  while (to_write > 0) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(to_write, kMostZeros));
    append_data(zeros(piece));
    to_write -= piece;
  }
  if (hole > 0) {
    gather_copied();
    hand_over();
    if (!std::exchange(has_holes_, true)) {
      file_.allow_holes();
    }
    handed_over_ += hole;
  }
}

void FileAppender::rewind(std::uint64_t position) {
  // Bytes that were already handed over cannot be taken back; they are overwritten, or cut off by
  // finish().
  std::uint64_t excess = this->position() - position;
  const std::uint64_t zero_count = std::min(excess, zeros_);
  zeros_ -= zero_count;
  excess -= zero_count;
  const auto copied = std::min<std::uint64_t>(excess, end_ - begin_);
  end_ -= static_cast<std::size_t>(copied);
  excess -= copied;
  while (excess > 0 && !gathered_.empty()) {
    ByteView& last = gathered_.back().bytes;
    const auto piece = std::min<std::uint64_t>(excess, last.size());
    last = last.first(last.size() - static_cast<std::size_t>(piece));
    gathered_size_ -= piece;
    excess -= piece;
    if (last.empty()) {
      gathered_.pop_back();
    }
  }
  handed_over_ -= excess;
}

void FileAppender::read_at(std::uint64_t offset, std::span<std::byte> into) {
  if (offset < handed_over_) {
    const auto written = into.first(
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), handed_over_ - offset)));
    write_behind_.wait_for(file_, offset + written.size());
    const std::size_t got = file_.read_some_at(offset, written);
    std::ranges::fill(written.subspan(got), std::byte{0});  // the file may end in a hole
    offset += written.size();
    into = into.subspan(written.size());
  }
  std::uint64_t start = handed_over_;
  const auto take = [&](ByteView piece) {
    if (!into.empty() && offset < start + piece.size()) {
      const ByteView wanted = piece.subspan(static_cast<std::size_t>(offset - start));
      const ByteView taken = wanted.first(std::min(wanted.size(), into.size()));
      std::ranges::copy(taken, into.begin());
      offset += taken.size();
      into = into.subspan(taken.size());
    }
    start += piece.size();
  };
  for (const SharedBytes& piece : gathered_) {
    take(piece.bytes);
  }
  if (buffer_ != nullptr) {
    take(ByteView(*buffer_).subspan(begin_, end_ - begin_));
  }
  std::ranges::fill(into, std::byte{0});
}

// Ends the current run of copied bytes, so that a piece with an owner can follow it in order. The
// rest of the buffer remains usable.
void FileAppender::gather_copied() {
  if (begin_ < end_) {
    const ByteView copied = ByteView(*buffer_).subspan(begin_, end_ - begin_);
    begin_ = end_;
    gather({copied, buffer_});
  }
}

void FileAppender::gather(SharedBytes piece) {
  gathered_size_ += piece.bytes.size();
  gathered_.push_back(std::move(piece));
  if (gathered_size_ >= kWriteSize || gathered_.size() == kMostPieces) {
    hand_over();
  }
}

void FileAppender::hand_over() {
  if (gathered_.empty()) {
    return;
  }
  const std::uint64_t start = handed_over_;
  handed_over_ += std::exchange(gathered_size_, 0);
  end_of_written_ = std::max(end_of_written_, handed_over_);
  // Counted from the last request, so that each byte is requested once.
  std::uint64_t writeback_size = 0;
  if (handed_over_ >= writeback_started_ + kWritebackSize) {
    writeback_size = handed_over_ - writeback_started_;
    writeback_started_ = handed_over_;
  }
  write_behind_.write(file_, start, std::exchange(gathered_, {}), writeback_size);
}

void FileAppender::finish() {
  append_zeros_before();
  gather_copied();
  hand_over();
  write_behind_.drain();
  file_.resize(position());  // removes bytes that were written before a rewind()
}

}  // namespace cim
