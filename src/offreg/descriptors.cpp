// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A caller gives no size. Each part states its own, so a descriptor of either form is copied part
// by part into a self-relative one, which is then decoded as one from a file would be.
#include "offreg/descriptors.h"

#include <cstdint>
#include <cstring>
#include <span>

#include "cimlib/error.h"

#include "base/bytes.h"
#include "base/endian.h"
#include "offreg/result.h"

namespace cim::offreg {
namespace {

using namespace descriptor_control;

constexpr std::uint16_t kOwnerControl = kOwnerDefaulted;
constexpr std::uint16_t kGroupControl = kGroupDefaulted;
constexpr std::uint16_t kDaclControl = kDaclPresent | kDaclDefaulted | kDaclTrusted |
                                       kServerSecurity | kDaclAutoInheritRequired |
                                       kDaclAutoInherited | kDaclProtected;
constexpr std::uint16_t kSaclControl =
    kSaclPresent | kSaclDefaulted | kSaclAutoInheritRequired | kSaclAutoInherited | kSaclProtected;

// The start of both forms.
struct Prefix {
  std::uint8_t revision;
  std::uint8_t resource_manager_control;
  std::uint16_t control;
};

struct RelativeParts {
  std::uint32_t owner;
  std::uint32_t group;
  std::uint32_t sacl;
  std::uint32_t dacl;
};

// Aligned as a pointer, so that 64-bit systems have a gap after the prefix.
struct AbsoluteDescriptor {
  Prefix prefix;
  const void* owner;
  const void* group;
  const void* sacl;
  const void* dacl;
};

template <typename T>
T copy_of(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

AbsoluteDescriptor pointers_of(const void* descriptor) {
  const auto prefix = copy_of<Prefix>(descriptor);
  if ((prefix.control & kSelfRelative) == 0) {
    return copy_of<AbsoluteDescriptor>(descriptor);
  }
  const auto* const bytes = static_cast<const std::byte*>(descriptor);
  const auto at = [bytes](std::uint32_t offset) -> const void* {
    return offset == 0 ? nullptr : bytes + offset;
  };
  const auto parts = copy_of<RelativeParts>(bytes + sizeof(Prefix));
  return {prefix, at(parts.owner), at(parts.group), at(parts.sacl), at(parts.dacl)};
}

std::size_t size_of_sid(const void* sid) {
  constexpr std::size_t kHeadSize = 8;
  const auto sub_authorities = copy_of<std::uint8_t>(static_cast<const std::byte*>(sid) + 1);
  if (sub_authorities > Sid::kMaxSubAuthorities) {
    fail(ERROR_INVALID_SECURITY_DESCR);
  }
  return kHeadSize + sizeof(std::uint32_t) * sub_authorities;
}

std::size_t size_of_acl(const void* acl) {
  return copy_of<std::uint16_t>(static_cast<const std::byte*>(acl) + 2);
}

// Returns the offset of the part, 0 if it is absent.
std::uint32_t append_part(Bytes& bytes, const void* part, std::size_t (*size_of)(const void*)) {
  if (part == nullptr) {
    return 0;
  }
  const auto offset = static_cast<std::uint32_t>(bytes.size());
  append(bytes, {static_cast<const std::byte*>(part), size_of(part)});
  return offset;
}

Bytes self_relative(const AbsoluteDescriptor& from) {
  Bytes bytes(sizeof(Prefix) + sizeof(RelativeParts));
  Prefix prefix = from.prefix;
  prefix.control |= kSelfRelative;
  const bool has_sacl = (prefix.control & kSaclPresent) != 0;
  const bool has_dacl = (prefix.control & kDaclPresent) != 0;
  RelativeParts parts{};
  parts.owner = append_part(bytes, from.owner, size_of_sid);
  parts.group = append_part(bytes, from.group, size_of_sid);
  parts.sacl = append_part(bytes, has_sacl ? from.sacl : nullptr, size_of_acl);
  parts.dacl = append_part(bytes, has_dacl ? from.dacl : nullptr, size_of_acl);
  std::memcpy(bytes.data(), &prefix, sizeof prefix);
  std::memcpy(bytes.data() + sizeof prefix, &parts, sizeof parts);
  return bytes;
}

void copy_control(SecurityDescriptor& to, const SecurityDescriptor& from, std::uint16_t bits) {
  to.control = static_cast<std::uint16_t>((to.control & ~bits) | (from.control & bits));
}

void copy_parts(SecurityDescriptor& to, const SecurityDescriptor& from, DWORD parts) {
  if ((parts & OWNER_SECURITY_INFORMATION) != 0) {
    to.owner = from.owner;
    copy_control(to, from, kOwnerControl);
  }
  if ((parts & GROUP_SECURITY_INFORMATION) != 0) {
    to.group = from.group;
    copy_control(to, from, kGroupControl);
  }
  if ((parts & DACL_SECURITY_INFORMATION) != 0) {
    to.dacl = from.dacl;
    copy_control(to, from, kDaclControl);
  }
  if ((parts & SACL_SECURITY_INFORMATION) != 0) {
    to.sacl = from.sacl;
    copy_control(to, from, kSaclControl);
  }
}

// `on` wins over `off`.
void set_control(SecurityDescriptor& descriptor, std::uint16_t bit, bool on, bool off) {
  if (on) {
    descriptor.control |= bit;
  } else if (off) {
    descriptor.control = static_cast<std::uint16_t>(descriptor.control & ~bit);
  }
}

}  // namespace

SecurityDescriptor read_descriptor(const void* descriptor) {
  try {
    return SecurityDescriptor::parse(self_relative(pointers_of(descriptor)));
  } catch (const Error&) {
    fail(ERROR_INVALID_SECURITY_DESCR);
  }
}

SecurityDescriptor parts_of(const SecurityDescriptor& descriptor, DWORD parts) {
  SecurityDescriptor result;
  copy_parts(result, descriptor, parts);
  return result;
}

void replace_parts(SecurityDescriptor& descriptor, const SecurityDescriptor& source, DWORD parts) {
  const auto has = [parts](DWORD bit) { return (parts & bit) != 0; };
  if ((has(OWNER_SECURITY_INFORMATION) && !source.owner) ||
      (has(GROUP_SECURITY_INFORMATION) && !source.group)) {
    fail(ERROR_INVALID_SECURITY_DESCR);
  }
  copy_parts(descriptor, source, parts);
  if (has(DACL_SECURITY_INFORMATION)) {
    set_control(descriptor, kDaclProtected, has(PROTECTED_DACL_SECURITY_INFORMATION),
                has(UNPROTECTED_DACL_SECURITY_INFORMATION));
  }
  if (has(SACL_SECURITY_INFORMATION)) {
    set_control(descriptor, kSaclProtected, has(PROTECTED_SACL_SECURITY_INFORMATION),
                has(UNPROTECTED_SACL_SECURITY_INFORMATION));
  }
}

}  // namespace cim::offreg
