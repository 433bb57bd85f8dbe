// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/guid.h"

#include <algorithm>
#include <cctype>

namespace cim {
namespace {

// Maps each byte of the Windows layout to its place in the text form; the permutation is its own
// inverse.
constexpr std::array<std::size_t, 16> kMixedEndianOrder = {3, 2, 1,  0,  5,  4,  7,  6,
                                                           8, 9, 10, 11, 12, 13, 14, 15};

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  const int lower = std::tolower(static_cast<unsigned char>(c));
  if (lower >= 'a' && lower <= 'f') {
    return static_cast<unsigned>(lower - 'a' + 10);
  }
  return std::nullopt;
}

// The groups of the text form have 4, 2, 2, 2 and 6 bytes.
constexpr bool has_dash_before(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

}  // namespace

std::optional<Guid> Guid::parse(std::string_view text) noexcept {
  if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
    text = text.substr(1, 36);
  }
  if (text.size() != 36) {
    return std::nullopt;
  }
  Guid guid;
  std::size_t at = 0;
  for (std::size_t i = 0; i < guid.bytes.size(); ++i) {
    if (has_dash_before(i) && text[at++] != '-') {
      return std::nullopt;
    }
    const auto high = hex_digit(text[at]);
    const auto low = hex_digit(text[at + 1]);
    if (!high || !low) {
      return std::nullopt;
    }
    guid.bytes[i] = std::byte(*high << 4 | *low);
    at += 2;
  }
  return guid;
}

Guid Guid::from_mixed_endian(std::span<const std::byte, 16> windows) noexcept {
  Guid guid;
  for (std::size_t i = 0; i < 16; ++i) {
    guid.bytes[i] = windows[kMixedEndianOrder[i]];
  }
  return guid;
}

std::array<std::byte, 16> Guid::to_mixed_endian() const noexcept {
  std::array<std::byte, 16> windows{};
  for (std::size_t i = 0; i < 16; ++i) {
    windows[i] = bytes[kMixedEndianOrder[i]];
  }
  return windows;
}

std::string Guid::to_string() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (has_dash_before(i)) {
      text.push_back('-');
    }
    text.push_back(kDigits[std::to_integer<std::size_t>(bytes[i] >> 4)]);
    text.push_back(kDigits[std::to_integer<std::size_t>(bytes[i] & std::byte{0x0F})]);
  }
  return text;
}

}  // namespace cim
