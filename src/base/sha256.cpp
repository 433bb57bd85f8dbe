// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/sha256.h"

#include <string_view>

namespace cim {

std::string to_hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte b : bytes) {
    text.push_back(kDigits[std::to_integer<std::size_t>(b >> 4)]);
    text.push_back(kDigits[std::to_integer<std::size_t>(b & std::byte{0x0F})]);
  }
  return text;
}

Sha256Digest Sha256::of(ByteView bytes) {
  thread_local Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace cim
