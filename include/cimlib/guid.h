// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// GUIDs: text form, random (version 4) and name-based (version 5) GUIDs, and the mixed-endian
// layout used in Windows structures (RFC 4122 section 4; [MS-DTYP] 2.3.4).

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cimlib/export.h"

namespace cim {

/// A GUID. Bytes are in the order of the text form: bytes[0] is the first two digits.
struct CIM_EXPORT Guid {
  std::array<std::byte, 16> bytes{};

  auto operator<=>(const Guid&) const = default;

  /// Returns a random GUID (version 4) from the system's generator. Throws kIo if that fails.
  static Guid random();

  /// Returns the version 5 GUID of `name` in `name_space`. The bytes of `name` are hashed
  /// unchanged.
  static Guid named(const Guid& name_space, std::string_view name);

  /// Parses "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" in either case, with or without braces. Returns
  /// nullopt for any other text.
  static std::optional<Guid> parse(std::string_view text) noexcept;

  /// Converts from and to the Windows layout, whose first three fields are little-endian.
  static Guid from_mixed_endian(std::span<const std::byte, 16> windows) noexcept;
  std::array<std::byte, 16> to_mixed_endian() const noexcept;

  /// Returns the text form in lower case without braces.
  std::string to_string() const;
};

}  // namespace cim
