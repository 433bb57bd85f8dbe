// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Decodes header blocks of any of the four formats. The magic decides which of three layouts the
// end of the block has; star's is recognized by its last bytes, since it shares the magic of POSIX.
#include "tar/header.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace cim::tar {
namespace {

using namespace std::string_view_literals;

template <std::size_t Size>
std::string_view whole(const Field<Size>& field) noexcept {
  return {field.data(), Size};
}

template <std::size_t Size>
std::string_view text_of(const Field<Size>& field) noexcept {
  const std::string_view all = whole(field);
  return all.substr(0, all.find('\0'));
}

constexpr bool is_filler(char c) noexcept {
  return c == ' ' || c == '\0';
}

// Accepts leading and trailing spaces and NULs, which old writers used in different combinations.
std::optional<std::int64_t> parse_octal(std::string_view field) noexcept {
  while (!field.empty() && is_filler(field.front())) {
    field.remove_prefix(1);
  }
  std::uint64_t value = 0;
  while (!field.empty() && field.front() >= '0' && field.front() <= '7') {
    if (value >> 60 != 0) {
      return std::nullopt;
    }
    value = value << 3 | static_cast<std::uint64_t>(field.front() - '0');
    field.remove_prefix(1);
  }
  if (!std::all_of(field.begin(), field.end(), is_filler)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
}

// The first bit only marks the form; the second is the sign.
std::optional<std::int64_t> parse_base_256(std::string_view field) noexcept {
  const bool negative = (field.front() & 0x40) != 0;
  const std::uint64_t sign_byte = negative ? 0xFF : 0;
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < field.size(); ++i) {
    std::uint64_t byte = static_cast<unsigned char>(field[i]);
    if (i == 0) {
      byte = negative ? byte | 0x80 : byte & 0x7F;
    }
    if (value >> 56 != sign_byte) {
      return std::nullopt;
    }
    value = value << 8 | byte;
  }
  const auto result = std::bit_cast<std::int64_t>(value);
  return (result < 0) == negative ? std::optional(result) : std::nullopt;
}

// Returns the sum of the header's characters, with spaces in place of the checksum.
template <typename Char>
std::int64_t sum_of(const HeaderBlock& block) noexcept {
  HeaderBlock summed = block;
  std::ranges::fill(summed.checksum, ' ');
  std::int32_t sum = 0;  // 32 bits, since twice as many fit in a vector instruction
  for (const Char c : std::bit_cast<std::array<Char, kBlockSize>>(summed)) {
    sum += c;
  }
  return sum;
}

// Old writers summed signed characters, so either sum is accepted.
bool has_right_checksum(const HeaderBlock& block) noexcept {
  const auto stored = parse_number(whole(block.checksum));
  return stored &&
         (*stored == sum_of<unsigned char>(block) || *stored == sum_of<signed char>(block));
}

// Reuses the memory of the string, since this is done for every entry.
void assign_name(HeaderValues& values, std::string_view prefix, std::string_view name) {
  values.name.assign(prefix);
  if (!prefix.empty()) {
    values.name.push_back('/');
  }
  values.name.append(name);
}

// Parses the times outside the POSIX fields; a field of only spaces and NULs is absent.
template <typename Tail>
bool parse_times(const Tail& tail, HeaderValues& values) {
  const auto parse = [](std::string_view field, std::optional<std::int64_t>& time) {
    if (std::all_of(field.begin(), field.end(), is_filler)) {
      return true;
    }
    time = parse_number(field);
    return time.has_value();
  };
  return parse(whole(tail.atime), values.atime) && parse(whole(tail.ctime), values.ctime);
}

// Decodes what depends on the format: the name with its prefix, and two times. Returns false for a
// bad time.
bool parse_tail(const HeaderBlock& block, HeaderValues& values) {
  const std::string_view name = text_of(block.name);
  const std::string_view magic = whole(block.magic);
  if (is_gnu(block)) {
    assign_name(values, {}, name);
    return parse_times(std::bit_cast<GnuTail>(block.last), values);
  }
  if (!magic.starts_with("ustar\0"sv)) {
    assign_name(values, {}, name);
    return true;
  }
  const auto star = std::bit_cast<StarTail>(block.last);
  if (whole(star.trailer) == "tar\0"sv) {
    assign_name(values, text_of(star.prefix), name);
    return parse_times(star, values);
  }
  assign_name(values, text_of(std::bit_cast<UstarTail>(block.last).prefix), name);
  return true;
}

}  // namespace

bool is_zero(const HeaderBlock& block) noexcept {
  const auto words = std::bit_cast<std::array<std::uint64_t, kBlockSize / 8>>(block);
  return std::all_of(words.begin(), words.end(), [](std::uint64_t word) { return word == 0; });
}

bool is_gnu(const HeaderBlock& block) noexcept {
  return whole(block.magic) == "ustar  \0"sv;
}

std::optional<std::int64_t> parse_number(std::string_view field) noexcept {
  if (!field.empty() && (static_cast<unsigned char>(field.front()) & 0x80) != 0) {
    return parse_base_256(field);
  }
  return parse_octal(field);
}

std::string_view parse_header(const HeaderBlock& block, HeaderValues& values) {
  if (!has_right_checksum(block)) {
    return "not a tar header: its checksum is wrong";
  }
  const auto size = parse_number(whole(block.size));
  if (!size || *size < 0) {
    return "a tar header with a bad size";
  }
  const auto mtime = parse_number(whole(block.mtime));
  if (!mtime) {
    return "a tar header with a bad time";
  }
  values.type = block.type;
  values.size = static_cast<std::uint64_t>(*size);
  values.mtime = *mtime;
  values.atime.reset();
  values.ctime.reset();
  values.link.assign(text_of(block.link));
  if (!parse_tail(block, values)) {
    return "a tar header with a bad time";
  }
  return {};
}

}  // namespace cim::tar
