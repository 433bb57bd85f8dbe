// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Windows names are UTF-16 in which a surrogate may stand alone. Outside the format they are WTF-8:
// UTF-8, with a lone surrogate as the three bytes that its number would take. Every UTF-16 string
// has one WTF-8 form and comes back from it unchanged.

#include <optional>
#include <string>
#include <string_view>

#include "cimlib/export.h"

namespace cim {

/// UTF-16 of WTF-8 text, or nothing if the text is not WTF-8: truncated or overlong sequences, code
/// points past U+10FFFF, or a surrogate pair written as two lone surrogates.
CIM_EXPORT std::optional<std::u16string> to_utf16(std::string_view wtf8);

/// WTF-8 of UTF-16 text, whatever surrogates it has.
CIM_EXPORT std::string to_wtf8(std::u16string_view utf16);

}  // namespace cim
