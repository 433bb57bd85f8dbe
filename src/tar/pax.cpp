// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// PAX records are parsed once into views of the text; an entry has some ten of them, so they are
// searched one by one.
#include "tar/pax.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <limits>

#include <fmt/format.h>

namespace cim::tar {
namespace {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Returns true for keys whose value would end at a NUL in a header field.
bool is_text_key(std::string_view key) noexcept {
  return key == "path" || key == "linkpath" || key == "uname" || key == "gname" ||
         key == "GNU.sparse.name";
}

// Removes a record from the front of `text`; nullopt if it does not start with one.
std::optional<PaxRecord> take_record(std::string_view& text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) {
    return std::nullopt;
  }
  const auto length = parse_decimal(text.substr(0, space));
  if (!length || *length > text.size() || *length <= space + 1) {
    return std::nullopt;
  }
  const std::string_view record = text.substr(0, static_cast<std::size_t>(*length));
  text.remove_prefix(record.size());
  if (record.back() != '\n') {
    return std::nullopt;
  }
  const std::string_view pair = record.substr(space + 1, record.size() - space - 2);
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) {
    return std::nullopt;
  }
  return PaxRecord{pair.substr(0, equals), pair.substr(equals + 1)};
}

// Returns nanoseconds: digits after the ninth do not count, missing ones are zeros.
std::uint32_t parse_fraction(std::string_view digits) noexcept {
  std::uint32_t nanoseconds = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    nanoseconds =
        nanoseconds * 10 + (i < digits.size() ? static_cast<std::uint32_t>(digits[i] - '0') : 0);
  }
  return nanoseconds;
}

}  // namespace

void PaxRecords::clear() noexcept {
  text_.clear();
  records_.clear();
}

std::span<char> PaxRecords::prepare(std::size_t size) {
  records_.clear();
  text_.resize(size);
  return text_;
}

// A NUL would end the text for readers in C, which would then see another path.
std::string_view PaxRecords::parse() {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const auto record = take_record(rest);
    if (!record) {
      return "a record that is not \"LENGTH KEY=VALUE\" with a newline";
    }
    if (record->key.empty() || record->key.find('\0') != std::string_view::npos) {
      return "a record without a valid key";
    }
    if (is_text_key(record->key) && record->value.find('\0') != std::string_view::npos) {
      return "a path or name that contains a NUL";
    }
    records_.push_back(*record);
  }
  return {};
}

std::optional<std::string_view> PaxRecords::find(std::string_view key) const noexcept {
  const auto last = std::find_if(records_.rbegin(), records_.rend(),
                                 [key](const PaxRecord& record) { return record.key == key; });
  return last == records_.rend() ? std::nullopt : std::optional(last->value);
}

std::optional<std::string_view> PaxRecords::find_standard(std::string_view key) const noexcept {
  const auto value = find(key);
  return value && value->empty() ? std::nullopt : value;
}

std::optional<UnixTime> parse_pax_time(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) {
    text.remove_prefix(1);
  }
  const std::size_t point = text.find('.');
  const auto whole = parse_decimal(text.substr(0, point));
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (!whole || *whole > std::uint64_t{std::numeric_limits<std::int64_t>::max()} ||
      !std::all_of(fraction.begin(), fraction.end(), is_digit)) {
    return std::nullopt;
  }
  const auto seconds = static_cast<std::int64_t>(*whole);
  const std::uint32_t nanoseconds = parse_fraction(fraction);
  if (!negative) {
    return UnixTime{seconds, nanoseconds};
  }
  // Nanoseconds count forward from a whole second.
  return nanoseconds == 0 ? UnixTime{-seconds, 0}
                          : UnixTime{-seconds - 1, 1'000'000'000 - nanoseconds};
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;  // from_chars accepts no sign for an unsigned number
  }
  return value;
}

void append_pax_record(std::string& text, std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;  // " ", "=" and the newline
  // The length includes its own digits.
  std::size_t length = rest + 1;
  while (rest + fmt::formatted_size("{}", length) > length) {
    ++length;
  }
  fmt::format_to(std::back_inserter(text), "{} {}={}\n", length, key, value);
}

std::string format_pax_time(UnixTime time) {
  const bool is_negative = time.seconds < 0;
  // Nanoseconds count forward from a whole second; the digits of a fraction count away from 1970.
  const bool is_split = is_negative && time.nanoseconds != 0;
  const std::int64_t whole = is_split ? time.seconds + 1 : time.seconds;
  const std::uint32_t fraction = is_split ? 1'000'000'000 - time.nanoseconds : time.nanoseconds;
  const std::uint64_t seconds =
      whole < 0 ? ~static_cast<std::uint64_t>(whole) + 1 : static_cast<std::uint64_t>(whole);
  std::string text = fmt::format("{}{}", is_negative ? "-" : "", seconds);
  if (fraction != 0) {
    text += fmt::format(".{:09}", fraction);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text;
}

}  // namespace cim::tar
