// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Arithmetic on values that come from a file; nullopt if the result does not fit.

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>

namespace cim {

template <std::unsigned_integral T>
constexpr std::optional<T> checked_add(T a, std::type_identity_t<T> b) noexcept {
  if (a > std::numeric_limits<T>::max() - b) {
    return std::nullopt;
  }
  return static_cast<T>(a + b);
}

template <std::unsigned_integral T>
constexpr std::optional<T> checked_multiply(T a, std::type_identity_t<T> b) noexcept {
  if (b != 0 && a > std::numeric_limits<T>::max() / b) {
    return std::nullopt;
  }
  return static_cast<T>(a * b);
}

/// Returns true if [offset, offset + size) is inside [0, total), without wrapping.
constexpr bool fits_within(std::uint64_t offset, std::uint64_t size, std::uint64_t total) noexcept {
  return offset <= total && size <= total - offset;
}

/// Rounds `value` up to a multiple of `unit`, a power of two; nullopt if the result does not fit.
constexpr std::optional<std::uint64_t> checked_align_up(std::uint64_t value,
                                                        std::uint64_t unit) noexcept {
  if (value > std::numeric_limits<std::uint64_t>::max() - (unit - 1)) {
    return std::nullopt;
  }
  return (value + (unit - 1)) & ~(unit - 1);
}

}  // namespace cim
