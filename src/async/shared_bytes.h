// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Bytes that go from thread to thread without being copied, and the buffers in which they lie.

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "os/slab.h"

namespace cim {

/// Bytes, and what keeps them where they are; without an owner they are valid only until the call
/// that got them returns.
struct SharedBytes {
  ByteView bytes;
  std::shared_ptr<const void> owner;

  SharedBytes first(std::size_t size) const { return {bytes.first(size), owner}; }
};

/// How many bytes zeros() has at most.
inline constexpr std::size_t kMostZeros = std::size_t{64} << 10;
/// So many zeros, which stay where they are as long as the process runs.
SharedBytes zeros(std::size_t count);

/// Buffers of one size, each used again as soon as nobody holds it. Any thread may take one, and
/// give it back after the pool is gone.
class BufferPool {
 public:
  /// As any span of bytes; who fills it need not find it empty.
  using Buffer = std::span<std::byte>;

  explicit BufferPool(std::size_t buffer_size);

  /// A buffer of that many bytes, of any content.
  std::shared_ptr<Buffer> take();

 private:
  struct State {
    std::mutex mutex;
    std::vector<Slab> slabs;
    std::deque<Buffer> buffers;  // all that there are
    std::vector<Buffer*> free;
  };

  void add_slab();

  std::size_t buffer_size_;
  std::shared_ptr<State> state_;
};

}  // namespace cim
