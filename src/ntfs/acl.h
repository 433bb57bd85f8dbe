// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Access control lists and the SIDs in them, as parts of a security descriptor, of conditions and
// of SDDL.

#include <optional>
#include <string_view>

#include "cimlib/security_descriptor.h"

#include "base/bytes.h"

namespace cim {

/// Reads the SID at the reader's position. Throws kCorrupt.
Sid read_sid(ByteReader& reader);

/// Appends a SID. Throws kInvalidArgument for more sub-authorities or a larger authority than a SID
/// can hold.
void append_sid(Bytes& bytes, const Sid& sid);

/// Removes the longest "S-1-…" from the front of `text`; nullopt, with `text` unchanged, if it does
/// not start with a SID.
std::optional<Sid> take_sid(std::string_view& text);

/// The layout of an ACE after its four-byte header.
enum class AceShape {
  kRaw,     ///< unknown to cimlib
  kPlain,   ///< mask, SID, data
  kObject,  ///< mask, up to two GUIDs, SID, data
};
AceShape shape_of(AceType type) noexcept;

/// Reads the ACL at the reader's position, where 0 is the start of the descriptor. Throws kCorrupt.
Acl read_acl(ByteReader& reader);

/// Appends an ACL. Throws kLimit for an ACE or ACL of more than 65,535 bytes; otherwise throws as
/// append_sid().
void append_acl(Bytes& bytes, const Acl& acl);

}  // namespace cim
