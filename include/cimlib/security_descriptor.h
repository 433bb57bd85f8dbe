// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Security descriptors: the owner of a file, access rights and auditing, in the self-relative form
// that Windows stores ([MS-DTYP] 2.4.6) and as SDDL text ([MS-DTYP] 2.5.1).
//
//   auto descriptor = cim::SecurityDescriptor::from_sddl("O:BAG:SYD:(A;;FA;;;BA)");
//   std::vector<std::byte> bytes = descriptor.encode();
//   cim::SecurityDescriptor::parse(bytes).to_sddl();   // "O:BAG:SYD:(A;;FA;;;BA)"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/guid.h"

namespace cim {

/// A security identifier: an account, a group or another holder of rights.
struct CIM_EXPORT Sid {
  static constexpr std::size_t kMaxSubAuthorities = 15;

  std::uint64_t authority = 0;  ///< 48 bits
  std::vector<std::uint32_t> sub_authorities{};

  auto operator<=>(const Sid&) const = default;

  /// Returns "S-1-5-32-544"; an authority of more than 32 bits is written in hexadecimal.
  std::string to_string() const;

  /// Parses the form that to_string() returns; returns nullopt for any other text, including
  /// two-letter aliases.
  static std::optional<Sid> parse(std::string_view text);
};

/// Types of ACEs ([MS-DTYP] 2.4.4.1).
enum class AceType : std::uint8_t {
  kAccessAllowed = 0x00,
  kAccessDenied = 0x01,
  kSystemAudit = 0x02,
  kSystemAlarm = 0x03,
  kAccessAllowedObject = 0x05,
  kAccessDeniedObject = 0x06,
  kSystemAuditObject = 0x07,
  kSystemAlarmObject = 0x08,
  kAccessAllowedCallback = 0x09,
  kAccessDeniedCallback = 0x0A,
  kAccessAllowedCallbackObject = 0x0B,
  kAccessDeniedCallbackObject = 0x0C,
  kSystemAuditCallback = 0x0D,
  kSystemAlarmCallback = 0x0E,
  kSystemAuditCallbackObject = 0x0F,
  kSystemAlarmCallbackObject = 0x10,
  kSystemMandatoryLabel = 0x11,
  kSystemResourceAttribute = 0x12,
  kSystemScopedPolicyId = 0x13,
  kSystemProcessTrustLabel = 0x14,
  kSystemAccessFilter = 0x15,
};

namespace ace_flag {
inline constexpr std::uint8_t kObjectInherit = 0x01;
inline constexpr std::uint8_t kContainerInherit = 0x02;
inline constexpr std::uint8_t kNoPropagateInherit = 0x04;
inline constexpr std::uint8_t kInheritOnly = 0x08;
inline constexpr std::uint8_t kInherited = 0x10;
inline constexpr std::uint8_t kCritical = 0x20;
inline constexpr std::uint8_t kSuccessfulAccess = 0x40;      ///< audit and alarm types
inline constexpr std::uint8_t kTrustProtectedFilter = 0x40;  ///< kSystemAccessFilter
inline constexpr std::uint8_t kFailedAccess = 0x80;          ///< audit and alarm types
}  // namespace ace_flag

/// An access control entry (ACE).
struct CIM_EXPORT Ace {
  /// May have a value that is not an enumerator; is_raw() returns true then.
  AceType type = AceType::kAccessAllowed;
  std::uint8_t flags = 0;                       ///< ace_flag::k…
  std::uint32_t mask = 0;                       ///< access rights
  std::optional<Guid> object_type{};            ///< object types only
  std::optional<Guid> inherited_object_type{};  ///< object types only
  Sid sid{};
  /// The bytes after the SID: a condition, a claim, or bytes without meaning. If is_raw(), all
  /// bytes after the ACE's header. encode() pads them with zeros to a multiple of four bytes.
  std::vector<std::byte> data{};

  bool operator==(const Ace&) const = default;

  /// Returns true if cimlib does not know the layout of this type of ACE, so that only type, flags
  /// and data have a meaning.
  bool is_raw() const noexcept;
};

/// An access control list.
struct Acl {
  static constexpr std::uint8_t kRevision = 2;
  /// Revision of a list with object ACEs.
  static constexpr std::uint8_t kRevisionWithObjects = 4;

  std::uint8_t revision = kRevision;
  std::vector<Ace> aces{};

  bool operator==(const Acl&) const = default;
};

namespace descriptor_control {
inline constexpr std::uint16_t kOwnerDefaulted = 0x0001;
inline constexpr std::uint16_t kGroupDefaulted = 0x0002;
inline constexpr std::uint16_t kDaclPresent = 0x0004;
inline constexpr std::uint16_t kDaclDefaulted = 0x0008;
inline constexpr std::uint16_t kSaclPresent = 0x0010;
inline constexpr std::uint16_t kSaclDefaulted = 0x0020;
inline constexpr std::uint16_t kDaclTrusted = 0x0040;
inline constexpr std::uint16_t kServerSecurity = 0x0080;
inline constexpr std::uint16_t kDaclAutoInheritRequired = 0x0100;
inline constexpr std::uint16_t kSaclAutoInheritRequired = 0x0200;
inline constexpr std::uint16_t kDaclAutoInherited = 0x0400;
inline constexpr std::uint16_t kSaclAutoInherited = 0x0800;
inline constexpr std::uint16_t kDaclProtected = 0x1000;
inline constexpr std::uint16_t kSaclProtected = 0x2000;
inline constexpr std::uint16_t kResourceManagerControlValid = 0x4000;
inline constexpr std::uint16_t kSelfRelative = 0x8000;
}  // namespace descriptor_control

/// A decoded security descriptor.
struct CIM_EXPORT SecurityDescriptor {
  std::uint16_t control = descriptor_control::kSelfRelative;  ///< descriptor_control::k…
  std::uint8_t resource_manager_control = 0;
  std::optional<Sid> owner{};
  std::optional<Sid> group{};
  /// Access control lists. If the DACL is nullopt and kDaclPresent is set, it is a NULL DACL, which
  /// grants everyone everything. A DACL without entries grants nothing.
  std::optional<Acl> sacl{};
  std::optional<Acl> dacl{};

  bool operator==(const SecurityDescriptor&) const = default;

  /// Decodes a descriptor. Its parts may be in any order and may overlap. An ACL whose control bit
  /// kDaclPresent or kSaclPresent is clear is ignored, as in Windows. Throws kCorrupt for parts
  /// outside the bytes, malformed SIDs and ACLs, and a descriptor that is not self-relative.
  static SecurityDescriptor parse(std::span<const std::byte> bytes);

  /// Returns the self-relative form in the order header, owner, group, SACL, DACL. Throws
  /// kInvalidArgument for an invalid SID, kLimit for an ACL of more than 65,535 bytes.
  std::vector<std::byte> encode() const;

  /// Parses SDDL: components in any order, aliases and numbers, letters in either case. Throws
  /// kCorrupt with the position in the text, kUnsupported for claims and for aliases of domain
  /// accounts.
  static SecurityDescriptor from_sddl(std::string_view text);

  /// Returns the SDDL text as Windows prints it: O, G, D, S; aliases where they exist. SDDL cannot
  /// express the "defaulted" bits or meaningless bytes after a SID. Throws kUnsupported, naming the
  /// type, for an ACE that cannot be printed; none is omitted.
  std::string to_sddl() const;
};

/// Validates a descriptor without decoding it. Throws what SecurityDescriptor::parse() throws.
CIM_EXPORT void validate_security_descriptor(std::span<const std::byte> bytes);

/// Descriptor of a file without one of its own: no owner, no group and a NULL DACL, which grants
/// everyone everything. Windows treats a file without any descriptor as damaged.
inline constexpr std::array<std::byte, 20> kDefaultSecurityDescriptor = {
    std::byte{0x01}, std::byte{0x00}, std::byte{0x04}, std::byte{0x80}};

}  // namespace cim
