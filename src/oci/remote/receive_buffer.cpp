// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/receive_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cim::oci {
namespace {

constexpr std::size_t kMostBuffered = std::size_t{1} << 20;

}  // namespace

bool ReceiveBuffer::accept(ByteView bytes) {
  if (kept_.size() - taken_ >= kMostBuffered) {
    return false;
  }
  if (is_empty()) {
    kept_.clear();
    taken_ = 0;
    const std::size_t size = std::min(bytes.size(), into_.size() - received_);
    std::ranges::copy(bytes.first(size), into_.subspan(received_).begin());
    received_ += size;
    bytes = bytes.subspan(size);
  }
  append(kept_, bytes);
  return true;
}

std::size_t ReceiveBuffer::take(std::span<std::byte> into) {
  const std::size_t size = std::min(into.size(), kept_.size() - taken_);
  std::memcpy(into.data(), kept_.data() + taken_, size);
  taken_ += size;
  return size;
}

std::size_t ReceiveBuffer::stop_waiting() noexcept {
  into_ = {};
  return std::exchange(received_, 0);
}

}  // namespace cim::oci
