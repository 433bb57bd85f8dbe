// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Base64 (RFC 4648, section 4), in which the layer dialect stores binary values. The system's
// cryptographic library does the work: libcrypto (base64_openssl.cpp) or Windows' CryptoAPI
// (base64_windows.cpp). Both accept more than the RFC, so base64.cpp checks the text first.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cim {

/// Decodes base64; nullopt if the text is anything but whole groups of four with padding at the
/// end. Ignores CR and LF everywhere, as Go's decoder does.
std::optional<Bytes> decode_base64(std::string_view text);

/// Appends the base64 text of the bytes, with padding.
void append_base64(std::string& text, ByteView bytes);

namespace base64 {

/// Decodes whole groups of four valid digits without padding into `bytes`, three for each group.
void decode_groups(std::string_view digits, std::span<std::byte> bytes);

/// Encodes the bytes into `text`, with padding: four characters for each group of up to three
/// bytes. Writes a NUL after them, for which `text` must have room.
void encode(ByteView bytes, char* text);

}  // namespace base64
}  // namespace cim
