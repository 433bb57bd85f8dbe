// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Names in an image are untrusted: on a terminal, control sequences could move the cursor or
// retitle the window, and marks of direction could make a name look like another.
#include "cli/text_output.h"

#include <algorithm>
#include <array>
#include <optional>

namespace cim::cli {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t size = 0;
};

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// Returns the length of a UTF-8 sequence by its first byte; 0 if none begins with it.
std::size_t size_by_lead(unsigned lead) {
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead < 0xE0) {
    return 2;
  }
  if (lead >= 0xE0 && lead < 0xF0) {
    return 3;
  }
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

bool is_in_range(const Character& character) {
  constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  return character.code >= kLeast[character.size] && character.code <= 0x10FFFF;
}

// Returns the character at the start of the text, which may be a surrogate.
std::optional<Character> first_character(std::string_view text) {
  const unsigned lead = byte_at(text, 0);
  const std::size_t size = size_by_lead(lead);
  if (size == 0 || size > text.size()) {
    return std::nullopt;
  }
  Character character{size == 1 ? lead : lead & (0x7FU >> size), size};
  for (std::size_t i = 1; i < size; ++i) {
    const unsigned next = byte_at(text, i);
    if ((next & 0xC0U) != 0x80U) {
      return std::nullopt;
    }
    character.code = character.code << 6 | (next & 0x3FU);
  }
  return is_in_range(character) ? std::optional(character) : std::nullopt;
}

// The marks, embeddings, overrides and isolates of the bidirectional algorithm.
bool turns_direction(std::uint32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

// Line separators would break a table, and a surrogate is not UTF-8.
bool is_harmless(std::uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  const bool breaks_line = code == 0x2028 || code == 0x2029;
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  return !control && !breaks_line && !surrogate && !turns_direction(code);
}

// Adds a word to the current line, or begins a new one if it does not fit.
void append_word(std::string& text, std::string_view word, std::size_t& column, std::size_t width,
                 std::size_t indent) {
  const std::size_t columns = columns_of(word);
  if (column > indent && column + 1 + columns > width) {
    text += '\n';
    column = 0;
  }
  if (column == 0) {
    text.append(indent, ' ');
    column = indent;
  } else {
    text += ' ';
    ++column;
  }
  text += word;
  column += columns;
}

}  // namespace

std::string escape_controls(std::string_view wtf8) {
  std::string text;
  text.reserve(wtf8.size());
  while (!wtf8.empty()) {
    const auto character = first_character(wtf8);
    const std::size_t size = character ? character->size : 1;
    if (character && is_harmless(character->code)) {
      text += wtf8.substr(0, size);
    } else if (character && character->code >= 0x80) {
      text += fmt::format("\\u{:04x}", character->code);
    } else {
      text += fmt::format("\\x{:02x}", byte_at(wtf8, 0));
    }
    wtf8.remove_prefix(size);
  }
  return text;
}

std::string shown(std::string_view wtf8, const Terminal& terminal) {
  return terminal.is_terminal ? escape_controls(wtf8) : std::string(wtf8);
}

std::string readable_size(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) {
    return fmt::format("{} B", bytes);
  }
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // Rounding must not give "1024.0 KiB".
  while (value >= 1023.95 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

// Groups of three digits, counted from the end.
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t from_end = 3; from_end < digits.size(); from_end += 4) {
    digits.insert(digits.size() - from_end, ",");
  }
  return digits;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", grouped(number), number == 1 ? one : many);
}

std::size_t columns_of(std::string_view utf8) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// Text is a sequence of words; a double newline starts a paragraph.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::size_t column = 0;
  while (!text.empty()) {
    if (text.starts_with("\n\n")) {
      lines += "\n\n";
      column = 0;
      text.remove_prefix(2);
      continue;
    }
    if (text.front() == ' ' || text.front() == '\n') {
      text.remove_prefix(1);
      continue;
    }
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    append_word(lines, text.substr(0, end), column, width, indent);
    text.remove_prefix(end);
  }
  return lines;
}

}  // namespace cim::cli
