// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Bytes as text: base64 (RFC 4648, section 4), in which the layer dialect stores binary values, and
// escapes for bytes of an untrusted input in error messages.

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

/// Returns the text in a form that fits on one line: unchanged if it is valid UTF-8 without control
/// characters, else with everything but printable ASCII as \xNN; truncated if too long.
std::string printable(std::string_view text);

}  // namespace cim::tar
