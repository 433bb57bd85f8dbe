// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "report/json_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace cim::report {
namespace {

// A sequence of WTF-8: its length, 0 if it is invalid, and whether it is an unpaired surrogate.
struct Sequence {
  std::size_t length = 0;
  bool is_surrogate = false;
};

bool is_continuation(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80;
}

Sequence sequence_at(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text, at + i)) {
      return {};
    }
  }
  const unsigned second = length > 1 ? static_cast<unsigned char>(text[at + 1]) : 0;
  const bool is_overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  if (is_overlong || (lead == 0xF4 && second > 0x8F)) {
    return {};
  }
  return {length, lead == 0xED && second >= 0xA0};
}

void append_ascii(std::string& json, char character) {
  constexpr std::string_view kEscaped = "\"\\<>&\x7f";
  if (static_cast<unsigned char>(character) < 0x20 || kEscaped.find(character) != kEscaped.npos) {
    json += fmt::format("\\u{:04x}", static_cast<unsigned char>(character));
  } else {
    json += character;
  }
}

unsigned surrogate_at(std::string_view text, std::size_t at) {
  return 0xD000U | (static_cast<unsigned char>(text[at + 1]) & 0x3FU) << 6U |
         (static_cast<unsigned char>(text[at + 2]) & 0x3FU);
}

}  // namespace

void append_string(std::string& json, std::string_view wtf8) {
  json += '"';
  for (std::size_t at = 0; at < wtf8.size();) {
    const Sequence sequence = sequence_at(wtf8, at);
    if (sequence.length == 1) {
      append_ascii(json, wtf8[at]);
    } else if (sequence.length == 0) {
      json += "\\ufffd";
    } else if (sequence.is_surrogate) {
      json += fmt::format("\\u{:04x}", surrogate_at(wtf8, at));
    } else {
      json += wtf8.substr(at, sequence.length);
    }
    at += std::max<std::size_t>(sequence.length, 1);
  }
  json += '"';
}

void append_member(std::string& json, std::string_view name) {
  json += '"';
  json += name;
  json += "\":";
}

}  // namespace cim::report
