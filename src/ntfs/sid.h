// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// SIDs within other structures and texts.

#include <optional>
#include <string_view>

#include "cimlib/security_descriptor.h"

#include "base/bytes.h"

namespace cim {

/// The SID at the reader's position. Throws kCorrupt.
Sid read_sid(ByteReader& reader);

/// Throws kInvalidArgument for more sub-authorities or a larger authority than a SID can hold.
void append_sid(Bytes& bytes, const Sid& sid);

/// Takes "S-1-…" from the front of `text` as far as it goes; nothing, and `text` as it was, if no
/// SID stands there.
std::optional<Sid> take_sid(std::string_view& text);

}  // namespace cim
