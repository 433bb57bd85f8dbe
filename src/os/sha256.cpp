// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/sha256.h"

#include <string_view>

namespace cim {

Sha256Digest Sha256::of(ByteView bytes) {
  thread_local Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace cim
