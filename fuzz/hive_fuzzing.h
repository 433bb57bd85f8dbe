// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the fuzz targets for hives.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "registry/format/base_block.h"
#include "registry/format/cell_map.h"

namespace cim::fuzz {

/// Returns the bytes with equal sequence numbers and a valid checksum, if they are long enough to
/// have a base block.
inline Bytes as_clean_hive(ByteView input) {
  Bytes bytes(input.begin(), input.end());
  if (bytes.size() >= sizeof(registry::BaseBlock)) {
    auto head = registry::load<registry::BaseBlock>(bytes, 0);
    head.secondary_sequence = head.primary_sequence;
    head.checksum = registry::checksum_of(head);
    std::memcpy(bytes.data(), &head, sizeof(head));
  }
  return bytes;
}

/// Splits an input that consists of two: u24 size of the first, little-endian, the first, the
/// second. Both are empty if the size is missing.
inline std::pair<ByteView, ByteView> two_inputs(ByteView input) {
  constexpr std::size_t kHead = 3;
  if (input.size() < kHead) {
    return {};
  }
  std::size_t stated = 0;
  for (std::size_t i = 0; i < kHead; ++i) {
    stated |= std::to_integer<std::size_t>(input[i]) << (8 * i);
  }
  const ByteView both = input.subspan(kHead);
  const std::size_t size = std::min(stated, both.size());
  return {both.first(size), both.subspan(size)};
}

}  // namespace cim::fuzz
