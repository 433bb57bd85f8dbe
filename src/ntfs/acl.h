// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Access control lists within a descriptor.

#include "cimlib/security_descriptor.h"

#include "base/bytes.h"

namespace cim {

/// What an ACE has behind its four-byte header.
enum class AceShape {
  kRaw,     ///< what cimlib does not know
  kPlain,   ///< mask, SID, data
  kObject,  ///< mask, up to two GUIDs, SID, data
};
AceShape shape_of(AceType type) noexcept;

/// The ACL at the reader's position, which counts from the start of the descriptor. Throws
/// kCorrupt.
Acl read_acl(ByteReader& reader);

/// Throws kLimit for an ACE or ACL of more than 65,535 bytes, and what append_sid() throws.
void append_acl(Bytes& bytes, const Acl& acl);

}  // namespace cim
