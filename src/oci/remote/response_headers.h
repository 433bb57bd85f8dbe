// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The values of response headers that registries use.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cim::oci {

/// The value of Content-Range.
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;              // inclusive
  std::optional<std::uint64_t> total;  // nullopt for "*"

  bool operator==(const ContentRange&) const = default;
};

/// Parses "bytes FIRST-LAST/TOTAL"; nullopt for anything else.
std::optional<ContentRange> parse_content_range(std::string_view value);

/// Returns the target of the first link with rel="next"; nullopt if there is none.
std::optional<std::string> next_link(std::string_view value);

/// Parses Retry-After: seconds, or a date, which is compared with `now`. A time that has passed is
/// 0; nullopt for anything else.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                      std::chrono::system_clock::time_point now);

/// Returns a media type in lower case and without its parameters.
std::string media_type_of(std::string_view value);

/// Parses a decimal number without a sign; nullopt if it does not fit.
std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace cim::oci
