// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What the fuzz targets of hives share.

#include <cstring>

#include "base/bytes.h"
#include "registry/format/base_block.h"
#include "registry/format/cell_map.h"

namespace cim::fuzz {

/// The bytes with a head that is not torn, if they have room for one.
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
