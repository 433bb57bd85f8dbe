// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/blob_stream.h"

#include <algorithm>
#include <utility>

#include "base/thread.h"

namespace cim::oci {
namespace {

constexpr std::size_t kPieceSize = std::size_t{512} << 10;

}  // namespace

BlobStream::~BlobStream() {
  stop_.request_stop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void BlobStream::start() {
  if (!thread_.joinable()) {
    thread_ = start_thread([this] { run(); });
  }
}

SharedBytes BlobStream::next(const std::stop_token& stop) {
  SharedBytes piece = take(stop);
  hash_.update(piece.bytes);
  left_ -= piece.bytes.size();
  if (left_ == 0 && !std::exchange(is_verified_, true)) {
    download_.check_digest(Digest(hash_.finish()));
  }
  return piece;
}

SharedBytes BlobStream::take(const std::stop_token& stop) {
  start();
  std::unique_lock lock(mutex_);
  piece_came_.wait(lock, stop, [this] { return has_ended_ || !pieces_.empty(); });
  if (pieces_.empty()) {
    if (failure_) {
      std::rethrow_exception(failure_);
    }
    return {};
  }
  SharedBytes piece = std::move(pieces_.front());
  pieces_.pop_front();
  room_came_.notify_one();
  return piece;
}

std::size_t BlobStream::read(std::span<std::byte> into, const std::stop_token& stop) {
  if (taken_ == current_.bytes.size()) {
    current_ = next(stop);
    taken_ = 0;
  }
  const std::size_t size = std::min(into.size(), current_.bytes.size() - taken_);
  std::ranges::copy(current_.bytes.subspan(taken_, size), into.begin());
  taken_ += size;
  return size;
}

// A failure is delivered after the bytes that came before it.
void BlobStream::run() noexcept {
  std::exception_ptr failure;
  try {
    download_all();
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  failure_ = std::move(failure);
  has_ended_ = true;
  piece_came_.notify_one();
}

void BlobStream::download_all() {
  const std::stop_token stop = stop_.get_token();
  BufferPool buffers(kPieceSize);
  bool is_at_end = false;
  while (!is_at_end) {
    const auto piece = buffers.take();
    std::size_t done = 0;
    while (done < piece->size() && !is_at_end) {
      const std::size_t got = download_.read(piece->subspan(done), stop);
      is_at_end = got == 0;
      done += got;
    }
    std::unique_lock lock(mutex_);
    room_came_.wait(lock, stop, [this] { return pieces_.size() * kPieceSize < most_ahead_; });
    if (stop.stop_requested()) {
      return;
    }
    if (done > 0) {
      pieces_.push_back({ByteView(*piece).first(done), piece});
      piece_came_.notify_one();
    }
  }
}

}  // namespace cim::oci
