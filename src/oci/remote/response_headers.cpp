// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/response_headers.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "oci/remote/ascii.h"

namespace cim::oci {
namespace {

// The number in a field of a date; nullopt for anything but digits.
std::optional<unsigned> number_at(std::string_view text, std::size_t at, std::size_t size) {
  const auto number = parse_number(text.substr(at, size));
  return number ? std::optional(static_cast<unsigned>(*number)) : std::nullopt;
}

// The preferred form of RFC 9110, "Sun, 06 Nov 1994 08:49:37 GMT"; the obsolete ones are not read.
std::optional<std::chrono::sys_seconds> parse_date(std::string_view text) {
  constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != kForm.size() || !text.ends_with(" GMT")) {
    return std::nullopt;
  }
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  const auto day = number_at(text, 5, 2);
  const auto year = number_at(text, 12, 4);
  const auto hour = number_at(text, 17, 2);
  const auto minute = number_at(text, 20, 2);
  const auto second = number_at(text, 23, 2);
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(
      std::chrono::year(static_cast<int>(*year)),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(*day));
  if (!date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

// Returns whether the parameters of a link contain rel=next or rel="next".
bool is_next(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::size_t end = std::min(parameters.find(';'), parameters.size());
    const std::string_view parameter = trimmed(parameters.substr(0, end));
    if (parameter == "rel=next" || parameter == "rel=\"next\"") {
      return true;
    }
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
  }
  return false;
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  const bool is_whole = !text.empty() && parsed.ec == std::errc() && parsed.ptr == end;
  return is_whole ? std::optional(number) : std::nullopt;
}

std::optional<ContentRange> parse_content_range(std::string_view value) {
  constexpr std::string_view kUnit = "bytes ";
  value = trimmed(value);
  const std::size_t dash = value.find('-');
  const std::size_t slash = value.find('/');
  if (!value.starts_with(kUnit) || slash == std::string_view::npos || dash > slash) {
    return std::nullopt;
  }
  const auto first = parse_number(value.substr(kUnit.size(), dash - kUnit.size()));
  const auto last = parse_number(value.substr(dash + 1, slash - dash - 1));
  const std::string_view total_text = value.substr(slash + 1);
  const auto total = parse_number(total_text);
  const bool is_sound = first && last && *first <= *last && (total || total_text == "*") &&
                        (!total || *last < *total);
  if (!is_sound) {
    return std::nullopt;
  }
  return ContentRange{.first = *first, .last = *last, .total = total};
}

std::optional<std::string> next_link(std::string_view value) {
  while (true) {
    const std::size_t start = value.find('<');
    const std::size_t end = value.find('>', start == std::string_view::npos ? 0 : start);
    if (start == std::string_view::npos || end == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view target = value.substr(start + 1, end - start - 1);
    value.remove_prefix(end + 1);
    const std::size_t next = std::min(value.find(','), value.size());
    if (is_next(value.substr(0, next))) {
      return std::string(target);
    }
    value.remove_prefix(next);
  }
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                      std::chrono::system_clock::time_point now) {
  constexpr std::uint64_t kLongest = 1'000'000'000;  // any longer time is as impossible to wait for
  value = trimmed(value);
  if (const auto number = parse_number(value)) {
    return std::chrono::seconds(std::min(*number, kLongest));
  }
  const auto date = parse_date(value);
  if (!date) {
    return std::nullopt;
  }
  const auto left = *date - std::chrono::floor<std::chrono::seconds>(now);
  return std::max(std::chrono::seconds(0), std::chrono::duration_cast<std::chrono::seconds>(left));
}

std::string media_type_of(std::string_view value) {
  return to_lower(trimmed(value.substr(0, value.find(';'))));
}

}  // namespace cim::oci
