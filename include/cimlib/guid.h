// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// GUIDs: text form, random (version 4) and named (version 5), and the mixed-endian form in which
// Windows structures hold them (RFC 4122 section 4; [MS-DTYP] 2.3.4).

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cimlib/export.h"

namespace cim {

/// A GUID, held in the order of its text: bytes[0] is the first two digits.
struct CIM_EXPORT Guid {
  std::array<std::byte, 16> bytes{};

  auto operator<=>(const Guid&) const = default;

  /// A random GUID (version 4) from the system's generator. Throws kIo if that fails.
  static Guid random();

  /// The version 5 GUID of `name` (bytes, hashed as they are) in `name_space`.
  static Guid named(const Guid& name_space, std::string_view name);

  /// Reads "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", braces allowed, either case; else nothing.
  static std::optional<Guid> parse(std::string_view text) noexcept;

  /// From and to the Windows layout, where the first three fields are little-endian.
  static Guid from_mixed_endian(std::span<const std::byte, 16> windows) noexcept;
  std::array<std::byte, 16> to_mixed_endian() const noexcept;

  /// Lower case, without braces.
  std::string to_string() const;
};

}  // namespace cim
