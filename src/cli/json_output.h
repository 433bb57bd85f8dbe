// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// JSON output. Members keep their order; later versions only add members.
//
// JSON is UTF-8, but a name in an image need not be valid Unicode: each lone surrogate is written
// as one U+FFFD, and such a member NAME is accompanied by NAME_utf16le, the exact name in
// hexadecimal.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "cli/console.h"

namespace cim::cli {

using Json = nlohmann::ordered_json;

/// Writes one object over several lines, with any warnings as its last member "messages".
void print_json(Console& console, Json object);

/// Returns an object on one line, with a newline.
std::string json_line(Json object);

/// An array with one element per line, written incrementally.
class JsonList {
 public:
  explicit JsonList(Console& console) : console_(console) { console_.print("["); }
  void add(Json element);
  void end();

 private:
  Console& console_;
  bool is_empty_ = true;
};

/// Adds a member with a name of an image.
void put_text(Json& object, const std::string& member, std::u16string_view text);

/// Lower-case hexadecimal digits.
std::string to_hex_digits(std::span<const std::byte> bytes);

}  // namespace cim::cli
