// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The keywords are those of the attribute Publisher in the schema of manifests, which are those of
// CertNameToStr(), and the synonyms that CertStrToName() also accepts.
#include "appx/distinguished_name.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/upcase.h"

namespace cim::appx {
namespace {

struct Keyword {
  std::string_view name;
  std::string_view type;
};

// The first of a type is the one to write.
constexpr std::array<Keyword, 23> kKeywords = {{
    {"CN", "2.5.4.3"},
    {"L", "2.5.4.7"},
    {"O", "2.5.4.10"},
    {"OU", "2.5.4.11"},
    {"E", "1.2.840.113549.1.9.1"},
    {"C", "2.5.4.6"},
    {"S", "2.5.4.8"},
    {"STREET", "2.5.4.9"},
    {"T", "2.5.4.12"},
    {"G", "2.5.4.42"},
    {"I", "2.5.4.43"},
    {"SN", "2.5.4.4"},
    {"DC", "0.9.2342.19200300.100.1.25"},
    {"SERIALNUMBER", "2.5.4.5"},
    {"Description", "2.5.4.13"},
    {"PostalCode", "2.5.4.17"},
    {"POBox", "2.5.4.18"},
    {"Phone", "2.5.4.20"},
    {"X21Address", "2.5.4.24"},
    {"dnQualifier", "2.5.4.46"},
    {"ST", "2.5.4.8"},
    {"Email", "1.2.840.113549.1.9.1"},
    {"Title", "2.5.4.12"},
}};

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kIdentifierPrefix = "OID.";

std::string_view without_blanks_before(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text;
}

std::string_view without_blanks_after(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::string keyword_of(std::string_view type) {
  const auto known =
      std::ranges::find_if(kKeywords, [&](const Keyword& each) { return each.type == type; });
  std::string keyword(known != kKeywords.end() ? known->name : kIdentifierPrefix);
  keyword += known != kKeywords.end() ? "" : type;
  return keyword;
}

// Returns the object identifier; empty for an unknown keyword.
std::string type_of(std::string_view keyword) {
  if (keyword.size() > kIdentifierPrefix.size() &&
      equal_ignoring_ascii_case(keyword.substr(0, kIdentifierPrefix.size()), kIdentifierPrefix)) {
    const std::string_view numbers = keyword.substr(kIdentifierPrefix.size());
    return std::string(numbers.find_first_not_of("0123456789.") == std::string_view::npos ? numbers
                                                                                          : "");
  }
  const auto known = std::ranges::find_if(kKeywords, [&](const Keyword& each) {
    return equal_ignoring_ascii_case(each.name, keyword);
  });
  return known == kKeywords.end() ? std::string() : std::string(known->type);
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(",+=\"\n<>#;") != std::string_view::npos ||
         kBlanks.find(value.front()) != std::string_view::npos ||
         kBlanks.find(value.back()) != std::string_view::npos;
}

void append_value(std::string& text, const std::string& value) {
  if (!needs_quotes(value)) {
    text += value;
    return;
  }
  text += '"';
  for (const char c : value) {
    text.append(c == '"' ? 2 : 1, c);
  }
  text += '"';
}

// Removes and returns a value in quotes, in which a quote is doubled; nullopt if it does not end.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string value;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] != '"') {
      value += rest[i];
    } else if (i + 1 < rest.size() && rest[i + 1] == '"') {
      value += rest[i++];
    } else {
      rest = without_blanks_before(rest.substr(i + 1));
      return value;
    }
  }
  return std::nullopt;
}

std::string take_plain(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of(",+;"), rest.size());
  std::string value(without_blanks_after(rest.substr(0, end)));
  rest.remove_prefix(end);
  return value;
}

// Removes and returns "KEYWORD=VALUE"; nullopt if the text does not start so.
std::optional<NameAttribute> take_attribute(std::string_view& rest) {
  rest = without_blanks_before(rest);
  const std::size_t sign = rest.find('=');
  if (sign == std::string_view::npos) {
    return std::nullopt;
  }
  std::string type = type_of(without_blanks_after(rest.substr(0, sign)));
  rest = without_blanks_before(rest.substr(sign + 1));
  auto value = rest.starts_with('"') ? take_quoted(rest) : take_plain(rest);
  if (type.empty() || !value) {
    return std::nullopt;
  }
  return NameAttribute{std::move(type), *std::move(value), false};
}

}  // namespace

std::string to_text(const DistinguishedName& name) {
  std::string text;
  for (const NameAttribute& attribute : name) {
    text += text.empty() ? "" : attribute.joins_previous ? " + " : ", ";
    text += keyword_of(attribute.type);
    text += '=';
    append_value(text, attribute.value);
  }
  return text;
}

std::optional<DistinguishedName> parse_distinguished_name(std::string_view text) {
  DistinguishedName name;
  bool joins_previous = false;
  for (;;) {
    auto attribute = take_attribute(text);
    if (!attribute ||
        (!text.empty() && std::string_view(",+;").find(text.front()) == std::string_view::npos)) {
      return std::nullopt;
    }
    attribute->joins_previous = joins_previous;
    name.push_back(*std::move(attribute));
    if (text.empty()) {
      return name;
    }
    joins_previous = text.front() == '+';
    text.remove_prefix(1);
  }
}

bool is_same_distinguished_name(std::string_view a, std::string_view b) {
  const auto first = parse_distinguished_name(a);
  return first && first == parse_distinguished_name(b);
}

}  // namespace cim::appx
