// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The letters of SDDL and what they stand for ([MS-DTYP] 2.5.1.1, sddl.h). The same letters mean
// different things as type, flag, right and SID; only the field tells.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cimlib/security_descriptor.h"

namespace cim::sddl {

/// What the seventh field of an ACE holds.
enum class Extra : std::uint8_t { kNone, kCondition, kClaim };

struct TypeCode {
  std::string_view code;
  AceType type;
  Extra extra = Extra::kNone;
};

struct BitCode {
  std::uint32_t bits;
  std::string_view code;
};

/// The control bits of one of the two lists.
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

/// Types that SDDL has letters for.
const TypeCode* find_type(AceType type) noexcept;
const TypeCode* find_type(std::string_view code) noexcept;

/// ACE flags, in the order in which they are printed. One bit has another name in access filters.
std::span<const BitCode> ace_flags(AceType type) noexcept;
/// Sets of rights with a name of their own, for files and registry keys.
std::span<const BitCode> whole_rights() noexcept;
/// Single rights, in the order in which they are printed.
std::span<const BitCode> single_rights() noexcept;
/// The rights of a mandatory label.
std::span<const BitCode> label_rights() noexcept;

/// A SID's two letters, or else its numbers.
std::string sid_text(const Sid& sid);
/// Takes what sid_text() writes, letters in either case, from the front of `text`, whose place
/// `offset` is. Throws kCorrupt, and kUnsupported for an account of whichever domain reads it.
Sid take_sid_or_alias(std::string_view& text, std::size_t offset);

/// ASCII letters as capitals.
std::string to_capitals(std::string_view text);

}  // namespace cim::sddl
