// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Standard base64 (RFC 4648, section 4), as the layer dialect holds binary values in text.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cim::tar {

/// The bytes; nullopt if the text is anything but whole groups of four with padding at the end. CR
/// and LF are ignored wherever they are, as Go's decoder does.
std::optional<Bytes> decode_base64(std::string_view text);

/// Appends the text of the bytes, padding included.
void append_base64(std::string& text, ByteView bytes);

}  // namespace cim::tar
