// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The letters of SDDL and their values ([MS-DTYP] 2.5.1.1, sddl.h). The same letters have different
// meanings as type, flag, right and SID; only the field decides.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cimlib/security_descriptor.h"

namespace cim::sddl {

/// The content of an ACE's seventh field.
enum class Extra : std::uint8_t { kNone, kCondition, kClaim };

/// The letters of an ACE type.
struct TypeCode {
  std::string_view code;
  AceType type;
  Extra extra = Extra::kNone;
};

/// The letters of a flag, a right or a set of rights.
struct BitCode {
  std::uint32_t bits;
  std::string_view code;
};

/// The control bits of a DACL or SACL.
struct AclControl {
  std::uint16_t present;
  std::uint16_t is_protected;           ///< P
  std::uint16_t auto_inherit_required;  ///< AR
  std::uint16_t auto_inherited;         ///< AI
};
inline constexpr AclControl kDaclControl = {
    descriptor_control::kDaclPresent, descriptor_control::kDaclProtected,
    descriptor_control::kDaclAutoInheritRequired, descriptor_control::kDaclAutoInherited};
inline constexpr AclControl kSaclControl = {
    descriptor_control::kSaclPresent, descriptor_control::kSaclProtected,
    descriptor_control::kSaclAutoInheritRequired, descriptor_control::kSaclAutoInherited};

/// Return the entry for a type that SDDL has letters for; null if there is none.
const TypeCode* find_type(AceType type) noexcept;
const TypeCode* find_type(std::string_view code) noexcept;

/// Returns the ACE flags in the order of printing. One bit has another name in access filters.
std::span<const BitCode> ace_flags(AceType type) noexcept;
/// Returns the named sets of rights, for files and registry keys.
std::span<const BitCode> whole_rights() noexcept;
/// Returns the single rights in the order of printing.
std::span<const BitCode> single_rights() noexcept;
/// Returns the rights of a mandatory label.
std::span<const BitCode> label_rights() noexcept;

/// Returns a SID's two letters or, if it has none, its numbers.
std::string sid_text(const Sid& sid);
/// Removes a SID as sid_text() writes it, with letters in either case, from the front of `text`,
/// which is at position `offset`. Throws kCorrupt; kUnsupported for an alias that depends on the
/// domain of the reading machine.
Sid take_sid_or_alias(std::string_view& text, std::size_t offset);

/// Converts ASCII letters to upper case.
std::string to_capitals(std::string_view text);

}  // namespace cim::sddl
