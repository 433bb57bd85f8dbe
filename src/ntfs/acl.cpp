// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// SIDs and ACLs as [MS-DTYP] 2.4.2, 2.4.4 and 2.4.5 define them. ACEs of unknown types are kept as
// bytes, so that a descriptor survives being decoded and encoded again.
#include "ntfs/acl.h"

#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/endian.h"

namespace cim {
namespace {

constexpr std::uint8_t kSidRevision = 1;
constexpr std::uint64_t kMaxAuthority = 0xFFFF'FFFF'FFFF;
constexpr std::size_t kAuthoritySize = 6;
constexpr std::size_t kAuthorityHexDigits = 12;

struct SidHeader {
  std::uint8_t revision;                            // 0
  std::uint8_t count;                               // 1: number of sub-authorities that follow
  std::array<std::byte, kAuthoritySize> authority;  // 2: the most significant byte first
};
static_assert(sizeof(SidHeader) == 8 && offsetof(SidHeader, authority) == 2);

// Removes a number without a sign from the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text, int base, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || value > max) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// Removes a prefix in either case; the two spellings have the same length.
bool take_prefix(std::string_view& text, std::string_view lower, std::string_view upper) {
  if (!text.starts_with(lower) && !text.starts_with(upper)) {
    return false;
  }
  text.remove_prefix(lower.size());
  return true;
}

std::optional<std::uint64_t> take_authority(std::string_view& text) {
  if (!take_prefix(text, "0x", "0X")) {
    return take_number(text, 10, std::numeric_limits<std::uint32_t>::max());
  }
  // A fixed number of digits, so that the letter of a following SDDL component is not taken for
  // one.
  std::string_view digits = text.substr(0, kAuthorityHexDigits);
  const auto authority = take_number(digits, 16, kMaxAuthority);
  if (!authority || !digits.empty() || text.size() < kAuthorityHexDigits) {
    return std::nullopt;
  }
  text.remove_prefix(kAuthorityHexDigits);
  return authority;
}

constexpr std::string_view kSubject = "security descriptor";
constexpr std::size_t kAlignment = 4;
constexpr std::size_t kMaxSize = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint32_t kObjectTypeIsThere = 1;
constexpr std::uint32_t kInheritedObjectTypeIsThere = 2;

struct AclHeader {
  std::uint8_t revision;     // 0
  std::uint8_t reserved1{};  // 1
  Le16 size{};               // 2: of the whole ACL; may be more than the ACEs need
  Le16 ace_count{};          // 4
  Le16 reserved2{};          // 6
};
static_assert(sizeof(AclHeader) == 8 && offsetof(AclHeader, reserved2) == 6);

struct AceHeader {
  AceType type;        // 0
  std::uint8_t flags;  // 1
  Le16 size;           // 2: of the whole ACE, a multiple of 4
};
static_assert(sizeof(AceHeader) == 4 && offsetof(AceHeader, size) == 2);

using DiskGuid = std::array<std::byte, 16>;

// Object ACEs have up to two GUIDs, and flags that say which of them.
void read_object_types(ByteReader& reader, Ace& ace) {
  const std::uint32_t flags = reader.read<Le32>("an object ACE's flags");
  if ((flags & kObjectTypeIsThere) != 0) {
    ace.object_type = Guid::from_mixed_endian(reader.read<DiskGuid>("an ACE's object type"));
  }
  if ((flags & kInheritedObjectTypeIsThere) != 0) {
    ace.inherited_object_type =
        Guid::from_mixed_endian(reader.read<DiskGuid>("an ACE's inherited object type"));
  }
}

void append_object_types(Bytes& bytes, const Ace& ace) {
  append(bytes, Le32((ace.object_type ? kObjectTypeIsThere : 0) |
                     (ace.inherited_object_type ? kInheritedObjectTypeIsThere : 0)));
  for (const auto& guid : {ace.object_type, ace.inherited_object_type}) {
    if (guid) {
      append(bytes, guid->to_mixed_endian());
    }
  }
}

// `reader` is limited to the body of this ACE.
Ace read_ace_body(ByteReader reader, const AceHeader& header) {
  Ace ace{.type = header.type, .flags = header.flags};
  const AceShape shape = shape_of(ace.type);
  if (shape != AceShape::kRaw) {
    ace.mask = reader.read<Le32>("an ACE's mask");
    if (shape == AceShape::kObject) {
      read_object_types(reader, ace);
    }
    ace.sid = read_sid(reader);
  }
  const ByteView data = reader.take(reader.remaining(), "an ACE's data");
  ace.data.assign(data.begin(), data.end());
  return ace;
}

// The entry's size limits what is read of it, whatever its parts claim.
Ace read_ace(ByteReader& reader, std::uint64_t base) {
  const auto header = reader.read<AceHeader>("an ACE");
  if (header.size < sizeof header || header.size % kAlignment != 0) {
    reader.fail(fmt::format("an ACE with an invalid size of {} bytes", std::uint16_t{header.size}));
  }
  const std::uint64_t body_base = base + reader.position();
  const ByteView body = reader.take(header.size - sizeof header, "an ACE's body");
  return read_ace_body(ByteReader(body, kSubject, body_base), header);
}

// Fills in a size that is known only after the structure has been appended.
void set_size(Bytes& bytes, std::size_t start, std::size_t offset_of_size, std::string_view what) {
  const std::size_t size = bytes.size() - start;
  if (size > kMaxSize) {
    throw Error(ErrorCode::kLimit, std::string(kSubject),
                fmt::format("an {} of {} bytes; the limit is {}", what, size, kMaxSize));
  }
  const Le16 field(static_cast<std::uint16_t>(size));
  std::memcpy(&bytes[start + offset_of_size], &field, sizeof field);
}

// The size in the header includes the padding, and is set once everything is appended.
void append_ace(Bytes& bytes, const Ace& ace) {
  const std::size_t start = bytes.size();
  append(bytes, AceHeader{.type = ace.type, .flags = ace.flags, .size = {}});
  const AceShape shape = shape_of(ace.type);
  if (shape != AceShape::kRaw) {
    append(bytes, Le32(ace.mask));
    if (shape == AceShape::kObject) {
      append_object_types(bytes, ace);
    }
    append_sid(bytes, ace.sid);
  }
  append(bytes, ByteView(ace.data));
  const std::size_t size = bytes.size() - start;
  bytes.resize(start + (size + kAlignment - 1) / kAlignment * kAlignment);
  set_size(bytes, start, offsetof(AceHeader, size), "ACE");
}

}  // namespace

Sid read_sid(ByteReader& reader) {
  const auto header = reader.read<SidHeader>("a SID");
  if (header.revision != kSidRevision || header.count > Sid::kMaxSubAuthorities) {
    reader.fail(fmt::format("an invalid SID of revision {} with {} sub-authorities",
                            header.revision, header.count));
  }
  Sid sid;
  for (const std::byte byte : header.authority) {
    sid.authority = sid.authority << 8 | std::to_integer<std::uint64_t>(byte);
  }
  for (std::size_t i = 0; i < header.count; ++i) {
    sid.sub_authorities.push_back(reader.read<Le32>("a SID's sub-authority"));
  }
  return sid;
}

void append_sid(Bytes& bytes, const Sid& sid) {
  if (sid.authority > kMaxAuthority || sid.sub_authorities.size() > Sid::kMaxSubAuthorities) {
    throw Error(ErrorCode::kInvalidArgument, "SID",
                fmt::format("authority {:#x} with {} sub-authorities is not valid", sid.authority,
                            sid.sub_authorities.size()));
  }
  SidHeader header{.revision = kSidRevision,
                   .count = static_cast<std::uint8_t>(sid.sub_authorities.size()),
                   .authority = {}};
  for (std::size_t i = 0; i < kAuthoritySize; ++i) {
    header.authority[i] = static_cast<std::byte>(sid.authority >> (8 * (kAuthoritySize - 1 - i)));
  }
  append(bytes, header);
  for (const std::uint32_t sub_authority : sid.sub_authorities) {
    append(bytes, Le32(sub_authority));
  }
}

std::optional<Sid> take_sid(std::string_view& text) {
  std::string_view rest = text;
  if (!take_prefix(rest, "s-1-", "S-1-")) {
    return std::nullopt;
  }
  const auto authority = take_authority(rest);
  if (!authority) {
    return std::nullopt;
  }
  Sid sid{.authority = *authority};
  while (rest.starts_with('-')) {
    rest.remove_prefix(1);
    const auto number = take_number(rest, 10, std::numeric_limits<std::uint32_t>::max());
    if (!number || sid.sub_authorities.size() == Sid::kMaxSubAuthorities) {
      return std::nullopt;
    }
    sid.sub_authorities.push_back(static_cast<std::uint32_t>(*number));
  }
  text = rest;
  return sid;
}

std::string Sid::to_string() const {
  const bool fits_decimal = authority <= std::numeric_limits<std::uint32_t>::max();
  std::string text =
      fits_decimal ? fmt::format("S-1-{}", authority) : fmt::format("S-1-0x{:012x}", authority);
  for (const std::uint32_t sub_authority : sub_authorities) {
    text += fmt::format("-{}", sub_authority);
  }
  return text;
}

std::optional<Sid> Sid::parse(std::string_view text) {
  auto sid = take_sid(text);
  return text.empty() ? sid : std::nullopt;
}

AceShape shape_of(AceType type) noexcept {
  switch (type) {
    case AceType::kAccessAllowed:
    case AceType::kAccessDenied:
    case AceType::kSystemAudit:
    case AceType::kSystemAlarm:
    case AceType::kAccessAllowedCallback:
    case AceType::kAccessDeniedCallback:
    case AceType::kSystemAuditCallback:
    case AceType::kSystemAlarmCallback:
    case AceType::kSystemMandatoryLabel:
    case AceType::kSystemResourceAttribute:
    case AceType::kSystemScopedPolicyId:
    case AceType::kSystemProcessTrustLabel:
    case AceType::kSystemAccessFilter:
      return AceShape::kPlain;
    case AceType::kAccessAllowedObject:
    case AceType::kAccessDeniedObject:
    case AceType::kSystemAuditObject:
    case AceType::kSystemAlarmObject:
    case AceType::kAccessAllowedCallbackObject:
    case AceType::kAccessDeniedCallbackObject:
    case AceType::kSystemAuditCallbackObject:
    case AceType::kSystemAlarmCallbackObject:
      return AceShape::kObject;
  }
  return AceShape::kRaw;
}

bool Ace::is_raw() const noexcept {
  return shape_of(type) == AceShape::kRaw;
}

// The size of an ACL may exceed what its entries need; the rest is ignored.
Acl read_acl(ByteReader& reader) {
  const auto header = reader.read<AclHeader>("an ACL");
  if (header.revision < Acl::kRevision || header.revision > Acl::kRevisionWithObjects) {
    reader.fail(fmt::format("an ACL with unknown revision {}", header.revision));
  }
  if (header.size < sizeof header) {
    reader.fail(fmt::format("an ACL with an invalid size of {} bytes", std::uint16_t{header.size}));
  }
  const std::uint64_t base = reader.position();
  ByteReader body(reader.take(header.size - sizeof header, "an ACL's body"), kSubject, base);
  Acl acl{.revision = header.revision};
  for (std::size_t i = 0; i < header.ace_count; ++i) {
    acl.aces.push_back(read_ace(body, base));
  }
  return acl;
}

void append_acl(Bytes& bytes, const Acl& acl) {
  const std::size_t start = bytes.size();
  // Each ACE takes more than four bytes, so the count fits if the size does.
  append(bytes, AclHeader{.revision = acl.revision,
                          .ace_count = static_cast<std::uint16_t>(acl.aces.size())});
  for (const Ace& ace : acl.aces) {
    append_ace(bytes, ace);
  }
  set_size(bytes, start, offsetof(AclHeader, size), "ACL");
}

}  // namespace cim
