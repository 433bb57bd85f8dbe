// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Buffers for replies. The kernel wakes the waiting threads in turn, so a buffer per thread would
// be cold in the CPU caches at every request. The buffer used last is therefore taken first.

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace cim::mount::fuse {

/// A stack of free buffers. Safe for concurrent use.
class ReplyBuffers {
  /// Grows to the largest reply and keeps that size.
  struct Buffer {
    std::unique_ptr<std::byte[]> bytes{};
    std::size_t capacity = 0;
  };

 public:
  /// Holds a buffer until the reply is sent.
  class Lease {
   public:
    Lease(ReplyBuffers& buffers, std::size_t size) : buffers_(buffers), size_(size) {
      buffer_ = buffers_.take();
      if (buffer_.capacity < size) {
        buffer_ = {.bytes = std::make_unique_for_overwrite<std::byte[]>(size), .capacity = size};
      }
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { buffers_.give_back(std::move(buffer_)); }

    std::span<std::byte> bytes() const noexcept { return {buffer_.bytes.get(), size_}; }

   private:
    ReplyBuffers& buffers_;
    Buffer buffer_;
    std::size_t size_;
  };

  ReplyBuffers() { free_.reserve(kMostKept); }

 private:
  // The largest default number of threads.
  static constexpr std::size_t kMostKept = 16;

  /// Returns the buffer that was used last; an empty one if all are in use.
  Buffer take() noexcept {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
      return {};
    }
    Buffer buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
  }

  void give_back(Buffer buffer) noexcept {
    const std::lock_guard lock(mutex_);
    if (free_.size() < kMostKept) {
      free_.push_back(std::move(buffer));
    }
  }

  std::mutex mutex_;
  std::vector<Buffer> free_;
};

}  // namespace cim::mount::fuse
