// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/json_output.h"

#include <utility>

#include "cimlib/wtf8.h"

namespace cim::cli {
namespace {

// For bytes that are not WTF-8 either, such as parts of host paths.
constexpr auto kReplaceInvalid = Json::error_handler_t::replace;

// Returns false if the text contains a lone surrogate.
bool is_unicode(std::u16string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool high = text[i] >= 0xD800 && text[i] < 0xDC00;
    const bool low = text[i] >= 0xDC00 && text[i] < 0xE000;
    const bool pair = high && i + 1 < text.size() && text[i + 1] >= 0xDC00 && text[i + 1] < 0xE000;
    if (low || (high && !pair)) {
      return false;
    }
    i += pair ? 1 : 0;
  }
  return true;
}

// The exact name, for programs that need it.
std::string utf16le_digits(std::u16string_view text) {
  std::string digits;
  for (const char16_t unit : text) {
    digits += fmt::format("{:02x}{:02x}", unit & 0xFFU, static_cast<unsigned>(unit) >> 8);
  }
  return digits;
}

// In WTF-8 a lone surrogate is ED, a byte from A0 on, and another one: as long as U+FFFD is.
void replace_surrogates(std::string& wtf8) {
  constexpr std::string_view kReplacement = "\uFFFD";
  for (std::size_t at = 0; (at = wtf8.find('\xED', at)) != std::string::npos; ++at) {
    if (at + 2 < wtf8.size() && static_cast<unsigned char>(wtf8[at + 1]) >= 0xA0) {
      wtf8.replace(at, kReplacement.size(), kReplacement);
    }
  }
}

// The depth is bounded by our own output.
Json as_unicode(Json value) {
  if (value.is_string()) {
    replace_surrogates(value.get_ref<std::string&>());
  } else if (value.is_structured()) {
    for (Json& element : value) {
      element = as_unicode(std::move(element));
    }
  }
  return value;
}

}  // namespace

void print_json(Console& console, Json object) {
  if (!console.warnings().empty()) {
    object["messages"] = console.warnings();
  }
  console.print(as_unicode(std::move(object)).dump(2, ' ', false, kReplaceInvalid));
  console.print("\n");
}

std::string json_line(Json object) {
  return as_unicode(std::move(object)).dump(-1, ' ', false, kReplaceInvalid) + "\n";
}

void JsonList::add(Json element) {
  console_.print(is_empty_ ? "\n" : ",\n");
  console_.print(as_unicode(std::move(element)).dump(-1, ' ', false, kReplaceInvalid));
  is_empty_ = false;
}

void JsonList::end() {
  console_.print(is_empty_ ? "]\n" : "\n]\n");
}

void put_text(Json& object, const std::string& member, std::u16string_view text) {
  object[member] = to_wtf8(text);
  if (!is_unicode(text)) {
    object[member + "_utf16le"] = utf16le_digits(text);
  }
}

std::string to_hex_digits(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  digits.reserve(2 * bytes.size());
  for (const std::byte b : bytes) {
    digits += kDigits[std::to_integer<std::size_t>(b >> 4)];
    digits += kDigits[std::to_integer<std::size_t>(b & std::byte{15})];
  }
  return digits;
}

}  // namespace cim::cli
