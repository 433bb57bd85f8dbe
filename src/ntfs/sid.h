// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// SIDs as parts of other structures and texts.

#include <optional>
#include <string_view>

#include "cimlib/security_descriptor.h"

#include "base/bytes.h"

namespace cim {

/// Reads the SID at the reader's position. Throws kCorrupt.
Sid read_sid(ByteReader& reader);

/// Throws kInvalidArgument for more sub-authorities or a larger authority than a SID can hold.
void append_sid(Bytes& bytes, const Sid& sid);

/// Removes the longest "S-1-…" from the front of `text`; nullopt, with `text` unchanged, if it does
/// not start with a SID.
std::optional<Sid> take_sid(std::string_view& text);

}  // namespace cim
