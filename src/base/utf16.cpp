// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// WTF-8 is UTF-8 that may also contain lone surrogates, which names on NTFS can have. A surrogate
// pair in two three-byte forms is rejected, so that each UTF-16 text has exactly one WTF-8 form.
#include "base/utf16.h"

#include <cstdint>
#include <cstring>

#include "base/endian.h"

namespace cim {
namespace {

constexpr bool is_high_surrogate(char32_t c) {
  return c >= 0xD800 && c < 0xDC00;
}
constexpr bool is_low_surrogate(char32_t c) {
  return c >= 0xDC00 && c < 0xE000;
}

struct Decoded {
  char32_t code_point;
  std::size_t length;
};

// Decodes the first code point of a text that is not empty; accepts only the shortest form.
std::optional<Decoded> decode_one(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) {
    return Decoded{lead, 1};
  }
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) {
    return std::nullopt;
  }
  char32_t code_point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) {
      return std::nullopt;
    }
    code_point = code_point << 6 | (next & 0x3FU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code_point < kSmallest[length] || code_point > 0x10FFFF) {
    return std::nullopt;
  }
  return Decoded{code_point, length};
}

// Code points above 0xFFFF become a pair: the constants are 0xD800 - (0x10000 >> 10) and 0xDC00.
void append_units(std::u16string& text, char32_t c) {
  if (c < 0x10000) {
    text.push_back(static_cast<char16_t>(c));
  } else {
    text.push_back(static_cast<char16_t>(0xD7C0 + (c >> 10)));
    text.push_back(static_cast<char16_t>(0xDC00 + (c & 0x3FF)));
  }
}

// Lone surrogates take the three-byte form, which makes the text WTF-8 and not UTF-8.
void append_code_point(std::string& text, char32_t c) {
  const auto put = [&text](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

}  // namespace

std::optional<std::u16string> to_utf16(std::string_view wtf8) {
  std::u16string result;
  result.reserve(wtf8.size());
  bool after_lone_high = false;
  while (!wtf8.empty()) {
    const auto decoded = decode_one(wtf8);
    if (!decoded) {
      return std::nullopt;
    }
    wtf8.remove_prefix(decoded->length);
    const char32_t c = decoded->code_point;
    if (after_lone_high && is_low_surrogate(c)) {
      return std::nullopt;  // a pair has its own four-byte form
    }
    after_lone_high = is_high_surrogate(c);
    append_units(result, c);
  }
  return result;
}

std::u16string to_utf16_replacing(std::string_view text) {
  constexpr Decoded kReplacement{0xFFFD, 1};
  std::u16string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const Decoded decoded = decode_one(text).value_or(kReplacement);
    text.remove_prefix(decoded.length);
    append_units(result, decoded.code_point);
  }
  return result;
}

void append_wtf8(std::string& text, std::u16string_view utf16) {
  for (std::size_t i = 0; i < utf16.size(); ++i) {
    char32_t c = utf16[i];
    if (is_high_surrogate(c) && i + 1 < utf16.size() && is_low_surrogate(utf16[i + 1])) {
      c = 0x10000 + ((c - 0xD800) << 10) + (utf16[++i] - char32_t{0xDC00});
    }
    append_code_point(text, c);
  }
}

std::string to_wtf8(std::u16string_view utf16) {
  std::string result;
  result.reserve(utf16.size());
  append_wtf8(result, utf16);
  return result;
}

std::u16string utf16_from_le(ByteView bytes) {
  std::u16string result(bytes.size() / 2, u'\0');
  for (std::size_t i = 0; i < result.size(); ++i) {
    Le16 unit;
    std::memcpy(&unit, &bytes[2 * i], sizeof unit);
    result[i] = static_cast<char16_t>(std::uint16_t{unit});
  }
  return result;
}

void append_utf16_le(Bytes& bytes, std::u16string_view utf16) {
  std::size_t at = bytes.size();
  bytes.resize(at + 2 * utf16.size());
  for (const char16_t unit : utf16) {
    const Le16 stored(static_cast<std::uint16_t>(unit));
    std::memcpy(&bytes[at], &stored, sizeof stored);
    at += sizeof stored;
  }
}

}  // namespace cim
