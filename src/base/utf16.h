// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// UTF-16 as the format holds it; see cimlib/wtf8.h for the form that it has elsewhere.

#include <string>
#include <string_view>

#include "cimlib/wtf8.h"

#include "base/bytes.h"

namespace cim {

/// As to_wtf8(), behind what the text has.
void append_wtf8(std::string& text, std::u16string_view utf16);

/// UTF-16 of any bytes: as to_utf16(), with U+FFFD for each byte that is not part of WTF-8.
std::u16string to_utf16_replacing(std::string_view text);

/// UTF-16LE bytes, as the format holds names. An odd last byte is not read.
std::u16string utf16_from_le(ByteView bytes);
void append_utf16_le(Bytes& bytes, std::u16string_view utf16);

}  // namespace cim
