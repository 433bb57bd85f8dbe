// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// NTFS extended attributes: small named values, stored as a list of FILE_FULL_EA_INFORMATION
// ([MS-FSCC] 2.4.16). Both functions may be called from any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cimlib/export.h"

namespace cim {

/// Maximum size of a list in bytes; formats store it in 16 bits.
inline constexpr std::size_t kMaxExtendedAttributesSize = 65535;

/// One extended attribute.
struct ExtendedAttribute {
  /// Flag FILE_NEED_EA: the file must not be interpreted without understanding the attribute.
  static constexpr std::uint8_t kNeeded = 0x80;

  /// 1 to 255 bytes, none of them NUL. NTFS compares names ignoring case.
  std::string name;
  /// At most 65,535 bytes, and less in a list, which has the same limit.
  std::vector<std::byte> value{};
  /// Flags of the entry; only kNeeded is defined.
  std::uint8_t flags = 0;

  bool operator==(const ExtendedAttribute&) const = default;
};

/// Returns the attributes of a list in its order; an empty list has none. Throws kCorrupt for
/// entries that reach outside the list, overlap, are misaligned, have no name or no NUL after it,
/// and for bytes after the last entry other than its padding; kLimit for a list of more than
/// kMaxExtendedAttributesSize bytes.
CIM_EXPORT std::vector<ExtendedAttribute> parse_extended_attributes(
    std::span<const std::byte> list);

/// Returns the list that holds `attributes`, sorted by the bytes of their names so that the result
/// does not depend on their order. Throws kInvalidArgument for names that are empty, contain NUL or
/// occur twice, and kLimit for names, values or a list that are too long.
CIM_EXPORT std::vector<std::byte> encode_extended_attributes(
    std::span<const ExtendedAttribute> attributes);

}  // namespace cim
