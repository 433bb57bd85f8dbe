// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Security descriptors as callers pass them, and parts of them.

#include "cimlib/security_descriptor.h"

#include "offreg/offreg.h"

namespace cim::offreg {

/// The bits of SECURITY_INFORMATION that select a part.
inline constexpr DWORD kAllParts = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION |
                                   DACL_SECURITY_INFORMATION | SACL_SECURITY_INFORMATION;
/// The bits that, when setting an ACL, say whether it inherits.
inline constexpr DWORD kProtection =
    PROTECTED_DACL_SECURITY_INFORMATION | UNPROTECTED_DACL_SECURITY_INFORMATION |
    PROTECTED_SACL_SECURITY_INFORMATION | UNPROTECTED_SACL_SECURITY_INFORMATION;

/// Reads a SECURITY_DESCRIPTOR, either self-relative or absolute (with pointers to its parts).
/// Fails with ERROR_INVALID_SECURITY_DESCR if it is malformed.
SecurityDescriptor read_descriptor(const void* descriptor);

/// Returns a descriptor with only the selected parts.
SecurityDescriptor parts_of(const SecurityDescriptor& descriptor, DWORD parts);

/// Replaces the selected parts by those of `source`, and applies the bits of kProtection. Fails
/// with ERROR_INVALID_SECURITY_DESCR if the owner or group is selected but missing.
void replace_parts(SecurityDescriptor& descriptor, const SecurityDescriptor& source, DWORD parts);

}  // namespace cim::offreg
