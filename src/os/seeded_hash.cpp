// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/seeded_hash.h"

#include <array>
#include <cstddef>

#include "os/crypto.h"

namespace cim {

SeededHasher::Keys SeededHasher::random_keys() {
  std::array<std::byte, sizeof(Keys)> bytes{};
  fill_with_random(bytes);
  Keys keys{};
  std::memcpy(&keys, bytes.data(), sizeof keys);
  keys.factor |= 1U;  // so that neither is ever zero
  keys.last |= 1U;
  return keys;
}

}  // namespace cim
