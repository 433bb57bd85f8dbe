// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/byte_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/utf16.h"

namespace cim::tar {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kLineBreaks = "\r\n";
constexpr std::uint8_t kNoDigit = 0xFF;

// The value of each digit by its character; kNoDigit for all other characters.
constexpr auto kValues = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    table[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

std::uint32_t value_of(char digit) {
  return kValues[static_cast<unsigned char>(digit)];
}

// Returns the 24 bits of four digits, with zeros for missing ones; more than 24 bits if a character
// is not a digit.
std::uint32_t bits_of(std::string_view digits) {
  std::uint32_t bits = 0;
  std::uint32_t seen = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint32_t value = i < digits.size() ? value_of(digits[i]) : 0;
    seen |= value;
    bits = bits << 6 | (value & 0x3F);
  }
  return seen > 0x3F ? ~std::uint32_t{0} : bits;
}

std::string without_line_breaks(std::string_view text) {
  std::string joined(text);
  std::erase_if(joined, [](char c) { return kLineBreaks.find(c) != kLineBreaks.npos; });
  return joined;
}

std::optional<Bytes> decode_groups(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - padding);
  Bytes bytes(text.size() / 4 * 3);
  std::size_t at = 0;
  // A last group that lacks digits is decoded as if it had zeros, and the bytes made of them are
  // removed below.
  for (std::size_t i = 0; i < digits.size(); i += 4) {
    const std::uint32_t bits = bits_of(digits.substr(i, 4));
    if (bits > 0xFFFFFF) {
      return std::nullopt;
    }
    bytes[at++] = std::byte(bits >> 16);
    bytes[at++] = std::byte(bits >> 8 & 0xFF);
    bytes[at++] = std::byte(bits & 0xFF);
  }
  bytes.erase(bytes.end() - static_cast<std::ptrdiff_t>(padding), bytes.end());
  return bytes;
}

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

// True for UTF-8 without control characters, which a terminal can show as it is.
bool is_sound(std::string_view text) {
  const auto units = to_utf16(text);
  return units && std::none_of(units->begin(), units->end(), [](char16_t unit) {
           return unit < 0x20 || (unit >= 0x7F && unit < 0xA0);
         });
}

}  // namespace

std::optional<Bytes> decode_base64(std::string_view text) {
  // Line breaks are rare, and looking for them costs twice what decoding does.
  auto decoded = decode_groups(text);
  return decoded ? std::move(decoded) : decode_groups(without_line_breaks(text));
}

void append_base64(std::string& text, ByteView bytes) {
  text.reserve(text.size() + (bytes.size() + 2) / 3 * 4);
  while (!bytes.empty()) {
    const ByteView group = bytes.first(std::min<std::size_t>(bytes.size(), 3));
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < group.size() ? std::to_integer<std::uint32_t>(group[i]) : 0);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text.push_back(i <= group.size() ? kDigits[bits >> (18 - 6 * i) & 0x3F] : '=');
    }
    bytes = bytes.subspan(group.size());
  }
}

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

}  // namespace cim::tar
