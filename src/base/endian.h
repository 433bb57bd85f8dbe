// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Little-endian integers for the disk structures: an array of bytes with a conversion, so that a
// structure of them has no padding, needs no alignment and cannot be read in the wrong byte order.

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace cim {

/// An integer in little-endian order.
template <std::unsigned_integral T>
class LittleEndian {
 public:
  constexpr LittleEndian() = default;
  constexpr LittleEndian(T value)  // NOLINT(google-explicit-constructor): acts as an integer
      : bytes_(std::bit_cast<Bytes>(to_disk_order(value))) {}
  constexpr operator T() const {  // NOLINT(google-explicit-constructor): acts as an integer
    return to_disk_order(std::bit_cast<T>(bytes_));
  }

 private:
  using Bytes = std::array<std::byte, sizeof(T)>;

  static constexpr T to_disk_order(T value) {
    if constexpr (std::endian::native == std::endian::little) {
      return value;
    } else {
      T swapped = 0;
      for (std::size_t i = 0; i < sizeof(T); ++i) {
        swapped = static_cast<T>(swapped << 8 | (value >> (8 * i) & 0xFF));
      }
      return swapped;
    }
  }

  Bytes bytes_{};
};

using Le16 = LittleEndian<std::uint16_t>;
using Le32 = LittleEndian<std::uint32_t>;
using Le64 = LittleEndian<std::uint64_t>;

static_assert(sizeof(Le16) == 2 && alignof(Le16) == 1);
static_assert(sizeof(Le32) == 4 && alignof(Le32) == 1);
static_assert(sizeof(Le64) == 8 && alignof(Le64) == 1);

}  // namespace cim
