// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "ntfs/sid.h"

#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/endian.h"

namespace cim {
namespace {

constexpr std::uint8_t kRevision = 1;
constexpr std::uint64_t kMaxAuthority = 0xFFFF'FFFF'FFFF;
constexpr std::size_t kAuthoritySize = 6;
constexpr std::size_t kAuthorityHexDigits = 12;

struct Header {
  std::uint8_t revision;                            // 0
  std::uint8_t count;                               // 1: number of sub-authorities that follow
  std::array<std::byte, kAuthoritySize> authority;  // 2: the most significant byte first
};
static_assert(sizeof(Header) == 8 && offsetof(Header, authority) == 2);

// Removes a number without a sign from the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text, int base, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || value > max) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take_prefix(std::string_view& text, std::string_view lower, std::string_view upper) {
  if (!text.starts_with(lower) && !text.starts_with(upper)) {
    return false;
  }
  text.remove_prefix(lower.size());
  return true;
}

std::optional<std::uint64_t> take_authority(std::string_view& text) {
  if (!take_prefix(text, "0x", "0X")) {
    return take_number(text, 10, std::numeric_limits<std::uint32_t>::max());
  }
  // A fixed number of digits, so that the letter of a following SDDL component is not taken for
  // one.
  std::string_view digits = text.substr(0, kAuthorityHexDigits);
  const auto authority = take_number(digits, 16, kMaxAuthority);
  if (!authority || !digits.empty() || text.size() < kAuthorityHexDigits) {
    return std::nullopt;
  }
  text.remove_prefix(kAuthorityHexDigits);
  return authority;
}

}  // namespace

Sid read_sid(ByteReader& reader) {
  const auto header = reader.read<Header>("a SID");
  if (header.revision != kRevision || header.count > Sid::kMaxSubAuthorities) {
    reader.fail(fmt::format("an invalid SID of revision {} with {} sub-authorities",
                            header.revision, header.count));
  }
  Sid sid;
  for (const std::byte byte : header.authority) {
    sid.authority = sid.authority << 8 | std::to_integer<std::uint64_t>(byte);
  }
  for (std::size_t i = 0; i < header.count; ++i) {
    sid.sub_authorities.push_back(reader.read<Le32>("a SID's sub-authority"));
  }
  return sid;
}

void append_sid(Bytes& bytes, const Sid& sid) {
  if (sid.authority > kMaxAuthority || sid.sub_authorities.size() > Sid::kMaxSubAuthorities) {
    throw Error(ErrorCode::kInvalidArgument, "SID",
                fmt::format("authority {:#x} with {} sub-authorities is not valid", sid.authority,
                            sid.sub_authorities.size()));
  }
  Header header{.revision = kRevision,
                .count = static_cast<std::uint8_t>(sid.sub_authorities.size()),
                .authority = {}};
  for (std::size_t i = 0; i < kAuthoritySize; ++i) {
    header.authority[i] = static_cast<std::byte>(sid.authority >> (8 * (kAuthoritySize - 1 - i)));
  }
  append(bytes, header);
  for (const std::uint32_t sub_authority : sid.sub_authorities) {
    append(bytes, Le32(sub_authority));
  }
}

std::optional<Sid> take_sid(std::string_view& text) {
  std::string_view rest = text;
  if (!take_prefix(rest, "s-1-", "S-1-")) {
    return std::nullopt;
  }
  const auto authority = take_authority(rest);
  if (!authority) {
    return std::nullopt;
  }
  Sid sid{.authority = *authority};
  while (rest.starts_with('-')) {
    rest.remove_prefix(1);
    const auto number = take_number(rest, 10, std::numeric_limits<std::uint32_t>::max());
    if (!number || sid.sub_authorities.size() == Sid::kMaxSubAuthorities) {
      return std::nullopt;
    }
    sid.sub_authorities.push_back(static_cast<std::uint32_t>(*number));
  }
  text = rest;
  return sid;
}

std::string Sid::to_string() const {
  const bool fits_decimal = authority <= std::numeric_limits<std::uint32_t>::max();
  std::string text =
      fits_decimal ? fmt::format("S-1-{}", authority) : fmt::format("S-1-0x{:012x}", authority);
  for (const std::uint32_t sub_authority : sub_authorities) {
    text += fmt::format("-{}", sub_authority);
  }
  return text;
}

std::optional<Sid> Sid::parse(std::string_view text) {
  auto sid = take_sid(text);
  return text.empty() ? sid : std::nullopt;
}

}  // namespace cim
