// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Different bytes with the same XXH3, which is not a cryptographic hash.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/endian.h"

namespace cim::test {

/// Returns `size` bytes, at least 256, that differ for each number but have the same XXH3.
///
/// For each word, the hash multiplies its halves, after an exclusive or with a key, and adds the
/// product to one sum and the word to another. If the low half is that of the key, the product is
/// 0. So two words at the same place of two stripes of 64 bytes can be changed as long as their sum
/// remains the same.
inline Bytes colliding_bytes(std::size_t size, std::uint32_t number) {
  constexpr std::uint32_t kLowKey = 0x396CFEB8;   // bytes 0 to 3 of the keys, and
  constexpr std::uint32_t kNextKey = 0x2C81017C;  // bytes 8 to 11, for the second stripe
  Bytes words;
  append(words, Le32(kLowKey));
  append(words, Le32(number));
  words.resize(64);
  append(words, Le32(kNextKey));
  append(words, Le32(0U - number));
  words.resize(size);
  return words;
}

}  // namespace cim::test
