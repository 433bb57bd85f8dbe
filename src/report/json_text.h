// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// JSON that may stand inside a script element of HTML, whatever it contains: `<`, `>` and `&` are
// escaped, so no text can end the element or open a comment. The names of an image need not be
// Unicode; JSON's \u escapes preserve them, and a page's JSON.parse() accepts that.

#include <concepts>
#include <ranges>
#include <string>
#include <string_view>

namespace cim::report {

/// Appends WTF-8 as a string of JSON. Bytes that are not WTF-8 become U+FFFD.
void append_string(std::string& json, std::string_view wtf8);

/// Appends `"name":`.
void append_member(std::string& json, std::string_view name);

template <std::integral Number>
void append_value(std::string& json, Number number) {
  json += std::to_string(number);
}
inline void append_value(std::string& json, const std::string& text) {
  append_string(json, text);
}

/// Appends an array, with `append(json, element)` for each element.
template <std::ranges::range Range, typename Append>
void append_array(std::string& json, const Range& range, Append&& append) {
  json += '[';
  bool is_first = true;
  for (const auto& element : range) {
    json += is_first ? "" : ",";
    is_first = false;
    append(json, element);
  }
  json += ']';
}

/// Appends a member with an array of numbers or texts.
template <std::ranges::range Range>
void append_column(std::string& json, std::string_view name, const Range& range) {
  append_member(json, name);
  append_array(json, range,
               [](std::string& into, const auto& element) { append_value(into, element); });
}

}  // namespace cim::report
