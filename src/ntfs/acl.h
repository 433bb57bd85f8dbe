// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Access control lists within a security descriptor.

#include "cimlib/security_descriptor.h"

#include "base/bytes.h"

namespace cim {

/// The layout of an ACE after its four-byte header.
enum class AceShape {
  kRaw,     ///< unknown to cimlib
  kPlain,   ///< mask, SID, data
  kObject,  ///< mask, up to two GUIDs, SID, data
};
AceShape shape_of(AceType type) noexcept;

/// Reads the ACL at the reader's position, where 0 is the start of the descriptor. Throws kCorrupt.
Acl read_acl(ByteReader& reader);

/// Throws kLimit for an ACE or ACL of more than 65,535 bytes; otherwise throws as append_sid().
void append_acl(Bytes& bytes, const Acl& acl);

}  // namespace cim
