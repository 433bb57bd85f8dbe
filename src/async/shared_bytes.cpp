// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Buffers are parts of slabs of large pages. The deleter of a buffer holds the pool's state, so
// that a buffer may outlive the pool.
#include "async/shared_bytes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace cim {
namespace {

constexpr std::array<std::byte, kMostZeros> kZeros{};

}  // namespace

SharedBytes zeros(std::size_t count) {
  // The zeros have static storage duration, so the owner owns nothing.
  return {ByteView(kZeros).first(count),
          std::shared_ptr<const void>(std::shared_ptr<const void>(), kZeros.data())};
}

bool is_zero(ByteView bytes) noexcept {
  return bytes.empty() || (bytes[0] == std::byte{0} &&
                           std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

BufferPool::BufferPool(std::size_t buffer_size)
    : buffer_size_(buffer_size), state_(std::make_shared<State>()) {}

std::shared_ptr<BufferPool::Buffer> BufferPool::take() {
  Buffer* buffer = nullptr;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->free.empty()) {
      add_slab();
    }
    buffer = state_->free.back();
    state_->free.pop_back();
  }
  return {buffer, [state = state_](Buffer* given_back) {
            const std::lock_guard lock(state->mutex);
            state->free.push_back(given_back);
          }};
}

void BufferPool::add_slab() {
  State& state = *state_;
  const std::size_t count = std::max<std::size_t>(kSlabSize / buffer_size_, 1);
  state.free.reserve(state.buffers.size() + count);  // so that returning a buffer cannot fail
  state.slabs.push_back(make_slab(count * buffer_size_));
  for (std::size_t i = 0; i < count; ++i) {
    state.buffers.emplace_back(state.slabs.back().get() + i * buffer_size_, buffer_size_);
    state.free.push_back(&state.buffers.back());
  }
}

}  // namespace cim
