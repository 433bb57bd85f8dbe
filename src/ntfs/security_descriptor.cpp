// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/security_descriptor.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/endian.h"
#include "ntfs/acl.h"
#include "ntfs/sid.h"

namespace cim {
namespace {

constexpr std::uint8_t kRevision = 1;

// SECURITY_DESCRIPTOR in its self-relative form; an offset of 0 means that the part is absent.
struct Header {
  std::uint8_t revision;                  // 0
  std::uint8_t resource_manager_control;  // 1
  Le16 control;                           // 2
  Le32 owner;                             // 4
  Le32 group;                             // 8
  Le32 sacl;                              // 12
  Le32 dacl;                              // 16
};
static_assert(sizeof(Header) == 20 && offsetof(Header, dacl) == 16);
static_assert(kDefaultSecurityDescriptor.size() == sizeof(Header));

void go_to_part(ByteReader& reader, std::uint32_t offset, std::string_view what) {
  if (offset < sizeof(Header)) {
    reader.fail(fmt::format("{} is at {}, in the header", what, offset));
  }
  reader.seek(offset, what);
}

std::optional<Sid> read_sid_at(ByteReader reader, std::uint32_t offset, std::string_view what) {
  if (offset == 0) {
    return std::nullopt;
  }
  go_to_part(reader, offset, what);
  return read_sid(reader);
}

std::optional<Acl> read_acl_at(ByteReader reader, bool is_present, std::uint32_t offset,
                               std::string_view what) {
  if (!is_present || offset == 0) {
    return std::nullopt;
  }
  go_to_part(reader, offset, what);
  return read_acl(reader);
}

// Appends a part, if present, and returns its offset.
std::uint32_t append_part(Bytes& bytes, const std::optional<Sid>& sid) {
  const auto offset = static_cast<std::uint32_t>(bytes.size());
  if (sid) {
    append_sid(bytes, *sid);
  }
  return sid ? offset : 0;
}

std::uint32_t append_part(Bytes& bytes, const std::optional<Acl>& acl) {
  const auto offset = static_cast<std::uint32_t>(bytes.size());
  if (acl) {
    append_acl(bytes, *acl);
  }
  return acl ? offset : 0;
}

}  // namespace

SecurityDescriptor SecurityDescriptor::parse(std::span<const std::byte> bytes) {
  using namespace descriptor_control;
  ByteReader reader(bytes, "security descriptor");
  const auto header = reader.read<Header>("the header");
  if (header.revision != kRevision) {
    reader.fail(fmt::format("unknown revision {}", header.revision));
  }
  if ((header.control & kSelfRelative) == 0) {
    reader.fail("it is not self-relative");
  }
  SecurityDescriptor descriptor{.control = header.control,
                                .resource_manager_control = header.resource_manager_control};
  descriptor.owner = read_sid_at(reader, header.owner, "the owner");
  descriptor.group = read_sid_at(reader, header.group, "the group");
  descriptor.sacl =
      read_acl_at(reader, (header.control & kSaclPresent) != 0, header.sacl, "the SACL");
  descriptor.dacl =
      read_acl_at(reader, (header.control & kDaclPresent) != 0, header.dacl, "the DACL");
  return descriptor;
}

std::vector<std::byte> SecurityDescriptor::encode() const {
  using namespace descriptor_control;
  Header header{};
  header.revision = kRevision;
  header.resource_manager_control = resource_manager_control;
  header.control = static_cast<std::uint16_t>(control | kSelfRelative | (sacl ? kSaclPresent : 0) |
                                              (dacl ? kDaclPresent : 0));
  Bytes bytes(sizeof header);
  header.owner = append_part(bytes, owner);
  header.group = append_part(bytes, group);
  header.sacl = append_part(bytes, sacl);
  header.dacl = append_part(bytes, dacl);
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

void validate_security_descriptor(std::span<const std::byte> bytes) {
  static_cast<void>(SecurityDescriptor::parse(bytes));
}

}  // namespace cim
