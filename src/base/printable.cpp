// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/printable.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/utf16.h"

namespace cim {
namespace {

// The longest text in an error message, in bytes.
constexpr std::size_t kLongest = 300;

bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Truncates the text, but not within a character.
std::string_view cut(std::string_view text) {
  std::size_t size = kLongest;
  while (size > kLongest - 4 && is_continuation(text[size])) {
    --size;
  }
  return text.substr(0, size);
}

// Returns true for UTF-8 without control characters, which a terminal can show as it is.
bool is_sound(std::string_view text) {
  const auto units = to_utf16(text);
  return units && std::none_of(units->begin(), units->end(), [](char16_t unit) {
           return unit < 0x20 || (unit >= 0x7F && unit < 0xA0);
         });
}

}  // namespace

// Texts from an input can be long and contain terminal controls, and are shown within one line.
std::string printable(std::string_view text) {
  if (text.size() > kLongest) {
    return printable(cut(text)) + "...";
  }
  if (is_sound(text)) {
    return std::string(text);
  }
  std::string result;
  for (const char c : text) {
    if (c >= 0x20 && c < 0x7F) {
      result.push_back(c);
    } else {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

}  // namespace cim
