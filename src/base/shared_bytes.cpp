// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/shared_bytes.h"

#include <utility>

namespace cim {

BufferPool::BufferPool(std::size_t buffer_size)
    : buffer_size_(buffer_size), state_(std::make_shared<State>()) {}

std::shared_ptr<Bytes> BufferPool::take() {
  std::unique_ptr<Bytes> buffer;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->free.empty()) {
      state_->free.reserve(++state_->made);  // giving it back must not fail
    } else {
      buffer = std::move(state_->free.back());
      state_->free.pop_back();
    }
  }
  if (!buffer) {
    buffer = std::make_unique<Bytes>(buffer_size_);
  }
  return {buffer.release(), [state = state_](Bytes* given_back) {
            const std::lock_guard lock(state->mutex);
            state->free.emplace_back(given_back);
          }};
}

}  // namespace cim
