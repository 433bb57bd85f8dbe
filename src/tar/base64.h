// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Standard base64 (RFC 4648, section 4), in which the layer dialect stores binary values as text.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cim::tar {

/// Decodes base64; nullopt if the text is anything but whole groups of four with padding at the
/// end. Ignores CR and LF everywhere, as Go's decoder does.
std::optional<Bytes> decode_base64(std::string_view text);

/// Appends the base64 text of the bytes, with padding.
void append_base64(std::string& text, ByteView bytes);

}  // namespace cim::tar
