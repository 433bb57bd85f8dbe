// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The functions for the security descriptor and the virtualization flags of a key.
#include <cstdint>
#include <memory>
#include <utility>

#include "cimlib/filetime.h"
#include "cimlib/security_descriptor.h"

#include "offreg/arguments.h"
#include "offreg/descriptors.h"
#include "offreg/offline_hive.h"
#include "offreg/offreg.h"
#include "offreg/result.h"
#include "registry/edit/assumptions.h"

namespace cim::offreg {
namespace {

constexpr DWORD kVirtualFlags = 0xE;
constexpr unsigned kVirtualFlagsShift = 4;  // in MutableAttributes::control

registry::MutableAttributes& attributes_of(const KeyAccess& access) {
  return access.hive().read(
      [&]() -> registry::MutableAttributes& { return access.key().attributes(); });
}

SecurityDescriptor descriptor_of(const KeyAccess& access) {
  return SecurityDescriptor::parse(*attributes_of(access).descriptor);
}

Bytes get_security(ORHKEY handle, DWORD parts) {
  if ((parts & ~(kAllParts | kProtection)) != 0) {
    fail(ERROR_INVALID_PARAMETER);
  }
  return parts_of(descriptor_of(KeyAccess(handle)), parts).encode();
}

void set_security(ORHKEY handle, DWORD parts, const void* given) {
  if (given == nullptr || (parts & kAllParts) == 0 || (parts & ~(kAllParts | kProtection)) != 0) {
    fail(ERROR_INVALID_PARAMETER);
  }
  const SecurityDescriptor source = read_descriptor(given);
  const KeyAccess access(handle);
  SecurityDescriptor descriptor = descriptor_of(access);
  replace_parts(descriptor, source, parts);
  auto bytes = std::make_shared<const Bytes>(descriptor.encode());
  access.hive().change([&] {
    access.key().attributes().descriptor = std::move(bytes);
    registry::assumed_time_of_change(access.key(), FileTime::now());
  });
}

DWORD get_virtual_flags(ORHKEY handle) {
  const KeyAccess access(handle);
  return (DWORD{attributes_of(access).control} >> kVirtualFlagsShift) & kVirtualFlags;
}

void set_virtual_flags(ORHKEY handle, DWORD flags) {
  if ((flags & ~kVirtualFlags) != 0) {
    fail(ERROR_INVALID_PARAMETER);
  }
  const KeyAccess access(handle);
  access.hive().change([&] {
    std::uint8_t& control = access.key().attributes().control;
    const DWORD rest = control & ~(kVirtualFlags << kVirtualFlagsShift);
    control = static_cast<std::uint8_t>(rest | flags << kVirtualFlagsShift);
    registry::assumed_time_of_change(access.key(), FileTime::now());
  });
}

}  // namespace
}  // namespace cim::offreg

// NOLINTBEGIN(readability-identifier-naming): the names of Windows.
using namespace cim::offreg;

DWORD WINAPI ORGetKeySecurity(ORHKEY Handle, SECURITY_INFORMATION SecurityInformation,
                              PSECURITY_DESCRIPTOR pSecurityDescriptor,
                              PDWORD lpcbSecurityDescriptor) {
  return guarded([&] {
    if (lpcbSecurityDescriptor == nullptr) {
      fail(ERROR_INVALID_PARAMETER);
    }
    const auto bytes = get_security(Handle, SecurityInformation);
    put_data(bytes, pSecurityDescriptor, lpcbSecurityDescriptor, ERROR_INSUFFICIENT_BUFFER);
    if (pSecurityDescriptor == nullptr) {
      fail(ERROR_INSUFFICIENT_BUFFER);
    }
  });
}

DWORD WINAPI ORSetKeySecurity(ORHKEY Handle, SECURITY_INFORMATION SecurityInformation,
                              PSECURITY_DESCRIPTOR pSecurityDescriptor) {
  return guarded([&] { set_security(Handle, SecurityInformation, pSecurityDescriptor); });
}

DWORD WINAPI ORGetVirtualFlags(ORHKEY Handle, PDWORD pdwFlags) {
  return guarded([&] {
    auto& flags = out_param(pdwFlags);
    flags = get_virtual_flags(Handle);
  });
}

DWORD WINAPI ORSetVirtualFlags(ORHKEY Handle, DWORD dwFlags) {
  return guarded([&] { set_virtual_flags(Handle, dwFlags); });
}
// NOLINTEND(readability-identifier-naming)
