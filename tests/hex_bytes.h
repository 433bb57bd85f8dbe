// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Bytes written in a test as hexadecimal digits; blanks mean nothing.

#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace cim::test {

inline unsigned hex_digit(char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto digit = kDigits.find(c);
  if (digit == std::string_view::npos) {
    throw std::invalid_argument("a test has a bad hexadecimal digit");
  }
  return static_cast<unsigned>(digit);
}

inline std::vector<std::byte> hex_bytes(std::string_view digits) {
  std::vector<std::byte> bytes;
  unsigned high = 0;
  bool has_high = false;
  for (const char c : digits) {
    if (c == ' ') {
      continue;
    }
    if (has_high) {
      bytes.push_back(std::byte(high << 4 | hex_digit(c)));
    } else {
      high = hex_digit(c);
    }
    has_high = !has_high;
  }
  if (has_high) {
    throw std::invalid_argument("a test has half a byte");
  }
  return bytes;
}

}  // namespace cim::test
