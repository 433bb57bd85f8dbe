// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// CRC-32C by a table, in a build without ISA-L.
#include <array>

#include "mount/erofs/disk_structs.h"

namespace cim::mount::erofs {
namespace {

using ByteTable = std::array<std::uint32_t, 256>;

// The remainders of all bytes.
constexpr ByteTable make_table() {
  constexpr std::uint32_t kPolynomial = 0x82F63B78;  // Castagnoli's, the lowest bit first
  ByteTable table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? kPolynomial : 0);
    }
    table[byte] = remainder;
  }
  return table;
}

constexpr ByteTable kRemainders = make_table();

}  // namespace

std::uint32_t checksum(ByteView bytes, std::uint32_t start) {
  for (const std::byte byte : bytes) {
    start = (start >> 8) ^ kRemainders[(start ^ std::to_integer<std::uint32_t>(byte)) & 0xFF];
  }
  return start;
}

}  // namespace cim::mount::erofs
