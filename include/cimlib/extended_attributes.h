// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// NTFS extended attributes: small named values, kept as a list of FILE_FULL_EA_INFORMATION
// ([MS-FSCC] 2.4.16).

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cimlib/export.h"

namespace cim {

/// The most that a list may take, since its size is kept in 16 bits.
inline constexpr std::size_t kMaxExtendedAttributesSize = 65535;

struct ExtendedAttribute {
  /// Set for attributes without which a file makes no sense (FILE_NEED_EA).
  static constexpr std::uint8_t kNeeded = 0x80;

  /// 1 to 255 bytes, none of them NUL; NTFS compares names without regard to case.
  std::string name;
  std::vector<std::byte> value{};
  std::uint8_t flags = 0;

  bool operator==(const ExtendedAttribute&) const = default;
};

/// The attributes in the order of the list; an empty list has none. Throws kCorrupt for entries
/// that lie outside the list, overlap, stand at odd places, have no name or no NUL behind it, and
/// for bytes behind the last entry that are not its padding; kLimit for too large a list.
CIM_EXPORT std::vector<ExtendedAttribute> parse_extended_attributes(
    std::span<const std::byte> list);

/// The list, sorted by the names' bytes, so that it does not depend on the order given. Throws
/// kInvalidArgument for names that are empty, have NULs in them or come twice, and kLimit for
/// names, values or a list that are too long.
CIM_EXPORT std::vector<std::byte> encode_extended_attributes(
    std::span<const ExtendedAttribute> attributes);

}  // namespace cim
