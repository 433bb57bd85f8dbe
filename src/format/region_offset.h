// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The location of an object: a byte offset in one of an image's region files (docs/format.md,
// "Offsets").

#include <compare>
#include <cstdint>
#include <stdexcept>

namespace cim::format {

/// 48 bits of byte offset, 16 bits of region index. Zero means "absent"; byte offset 0 is never
/// valid.
class RegionOffset {
 public:
  static constexpr std::uint64_t kMaxByteOffset = (std::uint64_t{1} << 48) - 1;

  constexpr RegionOffset() = default;
  constexpr explicit RegionOffset(std::uint64_t raw) noexcept : raw_(raw) {}

  /// Throws std::out_of_range for an offset of more than 48 bits.
  constexpr RegionOffset(std::uint16_t region, std::uint64_t byte_offset)
      : raw_(std::uint64_t{region} << 48 | byte_offset) {
    if (byte_offset > kMaxByteOffset) {
      throw std::out_of_range("region offset past 48 bits");
    }
  }

  constexpr std::uint64_t raw() const noexcept { return raw_; }
  constexpr std::uint16_t region() const noexcept { return static_cast<std::uint16_t>(raw_ >> 48); }
  constexpr std::uint64_t byte_offset() const noexcept { return raw_ & kMaxByteOffset; }
  constexpr bool is_absent() const noexcept { return raw_ == 0; }

  constexpr auto operator<=>(const RegionOffset&) const = default;

 private:
  std::uint64_t raw_ = 0;
};

}  // namespace cim::format
