// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Answers for programs. Members keep their order; what a later version adds is new members.
//
// JSON is UTF-8, and a name of an image may be no Unicode: each surrogate that stands alone shows
// as one U+FFFD, and beside such a member NAME stands NAME_utf16le, the exact name as hexadecimal
// digits.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "cli/console.h"

namespace cim::cli {

using Json = nlohmann::ordered_json;

/// Writes one object over several lines, with what was warned of as its last member "messages", if
/// anything was.
void print_json(Console& console, Json object);

/// An array of one element a line, written as it comes.
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
