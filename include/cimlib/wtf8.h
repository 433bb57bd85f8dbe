// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Conversion between UTF-16 and WTF-8. Windows names are UTF-16 that may contain unpaired
// surrogates. Outside the image format cimlib uses WTF-8 for them: UTF-8 in which an unpaired
// surrogate is encoded in three bytes. Every UTF-16 string has one WTF-8 form, from which it is
// recovered exactly.

#include <optional>
#include <string>
#include <string_view>

#include "cimlib/export.h"

namespace cim {

/// Converts WTF-8 to UTF-16. Returns nullopt if the text is not WTF-8: truncated or overlong
/// sequences, code points above U+10FFFF, or a surrogate pair encoded as two surrogates.
CIM_EXPORT std::optional<std::u16string> to_utf16(std::string_view wtf8);

/// Converts UTF-16, which may contain unpaired surrogates, to WTF-8.
CIM_EXPORT std::string to_wtf8(std::u16string_view utf16);

}  // namespace cim
