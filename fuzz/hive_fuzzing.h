// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the fuzz targets for hives.

#include <cstring>

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

}  // namespace cim::fuzz
