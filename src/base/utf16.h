// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// UTF-16 as the format stores it; cimlib/wtf8.h describes the form used elsewhere.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cimlib/wtf8.h"

#include "base/bytes.h"

namespace cim {

/// Appends to_wtf8(utf16) to `text`.
void append_wtf8(std::string& text, std::u16string_view utf16);

/// Converts as to_utf16(), but with U+FFFD for each byte that is not part of valid WTF-8.
std::u16string to_utf16_replacing(std::string_view text);

/// Decodes UTF-16LE, the encoding of names in the format. Ignores an odd last byte.
std::u16string utf16_from_le(ByteView bytes);
void append_utf16_le(Bytes& bytes, std::u16string_view utf16);

/// Returns the units before the NUL, at most `max_units`; nullopt if there are more. `Unit` is the
/// system's type of UTF-16 units.
template <typename Unit>
std::optional<std::u16string> utf16_until_nul(const Unit* text, std::size_t max_units) {
  std::u16string units;
  for (; *text != 0; ++text) {
    if (units.size() == max_units) {
      return std::nullopt;
    }
    units.push_back(static_cast<char16_t>(*text));
  }
  return units;
}

}  // namespace cim
