// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The JSON library accepts what readers in other languages understand differently, so a document is
// first scanned for such things and only then parsed.
#include "base/strict_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "base/printable.h"

namespace cim {
namespace {

using Json = nlohmann::json;

// Far more than an image needs.
constexpr int kDeepestDocument = 32;

// Rejects objects with members that some readers distinguish and others do not.
class MemberNames {
 public:
  explicit MemberNames(const std::string& subject) : subject_(subject) {}

  void enter() {
    const bool is_map = !levels_.empty() && holds_map(levels_.back().last);
    levels_.push_back({.is_map = is_map, .names = {}, .last = {}});
  }
  void leave() { levels_.pop_back(); }

  void add(const std::string& name) {
    Level& level = levels_.back();
    const auto [known, is_new] =
        level.names.emplace(level.is_map ? name : folded_member(name), name);
    if (!is_new) {
      throw Error(ErrorCode::kCorrupt, subject_,
                  fmt::format("an object has two members with the same name, \"{}\" and \"{}\"",
                              printable(known->second), printable(name)));
    }
    level.last = name;
  }

 private:
  struct Level {
    bool is_map;                               // the names are data, which no reader folds
    std::map<std::string, std::string> names;  // folded name to spelling
    std::string last;
  };

  // Members of OCI documents whose own members are data.
  static bool holds_map(std::string_view name) {
    constexpr std::array<std::string_view, 4> kMaps = {"annotations", "Labels", "Volumes",
                                                       "ExposedPorts"};
    return std::ranges::find(kMaps, name) != kMaps.end();
  }

  const std::string& subject_;
  std::vector<Level> levels_;
};

// Returns the code unit of an escape "\uXXXX" at the start of the text; nullopt for anything else.
std::optional<unsigned> escaped_unit(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u")) {
    return std::nullopt;
  }
  unsigned unit = 0;
  const char* const end = text.data() + 6;
  const auto parsed = std::from_chars(text.data() + 2, end, unit, 16);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(unit) : std::nullopt;
}

// Returns the text with escapes of lone surrogates replaced by those of U+FFFD; the length does not
// change. Outside of strings, JSON has no backslashes.
std::string without_lone_surrogates(std::string_view text) {
  constexpr std::string_view kReplacement = "\\ufffd";
  std::string sound(text);
  for (std::size_t at = 0; (at = text.find('\\', at)) != std::string_view::npos;) {
    const auto unit = escaped_unit(text.substr(at));
    const bool is_high = unit && *unit >= 0xD800 && *unit < 0xDC00;
    const bool is_low = unit && *unit >= 0xDC00 && *unit < 0xE000;
    const auto next = is_high ? escaped_unit(text.substr(at + 6)) : std::nullopt;
    if (next && *next >= 0xDC00 && *next < 0xE000) {
      at += 12;
      continue;
    }
    if (is_high || is_low) {
      sound.replace(at, kReplacement.size(), kReplacement);
    }
    at += unit ? std::size_t{6} : 2;
  }
  return sound;
}

// Rejects documents that are too deep, or whose objects mean different things to different readers,
// before any of it is stored. Json::parse() with a callback does not do: after each object in an
// array it visits all elements before it.
class DocumentCheck final : public nlohmann::json_sax<Json> {
 public:
  explicit DocumentCheck(const std::string& subject) : subject_(subject), names_(subject) {}

  bool start_object(std::size_t /*count*/) override {
    names_.enter();
    return go_deeper();
  }
  bool key(std::string& name) override {
    names_.add(name);
    return true;
  }
  bool end_object() override {
    names_.leave();
    return end_array();
  }
  bool start_array(std::size_t /*count*/) override { return go_deeper(); }
  bool end_array() override {
    --depth_;
    return true;
  }

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(std::int64_t /*value*/) override { return true; }
  bool number_unsigned(std::uint64_t /*value*/) override { return true; }
  bool number_float(double /*value*/, const std::string& /*text*/) override { return true; }
  bool string(std::string& /*value*/) override { return true; }
  bool binary(Json::binary_t& /*value*/) override { return true; }

  // Json::parse() reports it.
  bool parse_error(std::size_t /*place*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

 private:
  bool go_deeper() {
    if (++depth_ > kDeepestDocument) {
      throw Error(ErrorCode::kLimit, subject_,
                  fmt::format("the document is nested more than {} levels deep", kDeepestDocument));
    }
    return true;
  }

  const std::string& subject_;
  MemberNames names_;
  int depth_ = 0;
};

}  // namespace

// U+017F and U+212A are the only characters outside ASCII that fold to letters of ASCII.
std::string folded_member(std::string_view name) {
  constexpr std::string_view kLongS = "\u017F";
  constexpr std::string_view kKelvin = "\u212A";
  std::string text;
  text.reserve(name.size());
  while (!name.empty()) {
    const std::string_view special = name.starts_with(kLongS)    ? kLongS
                                     : name.starts_with(kKelvin) ? kKelvin
                                                                 : std::string_view();
    const char c = name.front();
    if (!special.empty()) {
      text += special == kLongS ? 's' : 'k';
    } else {
      text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    name.remove_prefix(std::max<std::size_t>(special.size(), 1));
  }
  return text;
}

nlohmann::json parse_json(ByteView text, const std::string& subject) {
  if (text.size() > kLargestDocument) {
    throw Error(
        ErrorCode::kLimit, subject,
        fmt::format("{} bytes; the limit for documents is {}", text.size(), kLargestDocument));
  }
  if (as_text(text).starts_with("\uFEFF")) {
    throw Error(ErrorCode::kCorrupt, subject, "starts with a byte order mark, which JSON forbids");
  }
  const std::string sound = without_lone_surrogates(as_text(text));
  DocumentCheck check(subject);
  Json::sax_parse(sound, &check);
  try {
    return Json::parse(sound);
  } catch (const Json::parse_error& error) {
    throw Error(ErrorCode::kCorrupt, subject, "not valid JSON", error.byte);
  } catch (const Json::out_of_range&) {
    throw Error(ErrorCode::kLimit, subject, "the document has a number that is too large");
  }
}

}  // namespace cim
