// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "ntfs/acl.h"

#include <limits>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/endian.h"
#include "ntfs/sid.h"

namespace cim {
namespace {

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

Ace read_ace(ByteReader& reader, std::uint64_t base) {
  const auto header = reader.read<AceHeader>("an ACE");
  if (header.size < sizeof header || header.size % kAlignment != 0) {
    reader.fail(fmt::format("an ACE with an invalid size of {} bytes", std::uint16_t{header.size}));
  }
  const std::uint64_t body_base = base + reader.position();
  const ByteView body = reader.take(header.size - sizeof header, "an ACE's body");
  return read_ace_body(ByteReader(body, kSubject, body_base), header);
}

void set_size(Bytes& bytes, std::size_t start, std::size_t offset_of_size, std::string_view what) {
  const std::size_t size = bytes.size() - start;
  if (size > kMaxSize) {
    throw Error(ErrorCode::kLimit, std::string(kSubject),
                fmt::format("an {} of {} bytes; the limit is {}", what, size, kMaxSize));
  }
  const Le16 field(static_cast<std::uint16_t>(size));
  std::memcpy(&bytes[start + offset_of_size], &field, sizeof field);
}

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
