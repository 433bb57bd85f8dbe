// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Bytes that are passed between threads without being copied, and the buffers that hold them.

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "os/slab.h"

namespace cim {

/// A view of bytes and the object that keeps them valid. Without an owner the bytes are valid only
/// until the called function returns.
struct SharedBytes {
  ByteView bytes;
  std::shared_ptr<const void> owner;

  SharedBytes first(std::size_t size) const { return {bytes.first(size), owner}; }
};

/// The largest count that zeros() accepts.
inline constexpr std::size_t kMostZeros = std::size_t{64} << 10;
/// Returns `count` zeros, which have static storage duration.
SharedBytes zeros(std::size_t count);

/// Returns true if all bytes are zero.
bool is_zero(ByteView bytes) noexcept;

/// Buffers of one size, each reused as soon as its last owner releases it. Any thread may take one,
/// and may release it after the pool is destroyed.
class BufferPool {
 public:
  /// May hold old bytes when taken.
  using Buffer = std::span<std::byte>;

  explicit BufferPool(std::size_t buffer_size);

  /// Returns a buffer of `buffer_size` bytes, with unspecified content.
  std::shared_ptr<Buffer> take();

 private:
  struct State {
    std::mutex mutex;
    std::vector<Slab> slabs;
    std::deque<Buffer> buffers;  // every buffer of the pool
    std::vector<Buffer*> free;
  };

  void add_slab();

  std::size_t buffer_size_;
  std::shared_ptr<State> state_;
};

}  // namespace cim
