// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/identity.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "cimlib/wtf8.h"

#include "appx/part_name.h"
#include "base/printable.h"
#include "base/upcase.h"

namespace cim::appx {
namespace {

constexpr std::size_t kMaxName = 50;
constexpr std::size_t kMinName = 3;
constexpr std::size_t kMaxResourceId = 30;
constexpr std::size_t kMaxPublisher = 8192;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.';
}

// Names that would be changed, or taken for a device, as the name of a directory are refused too.
std::string checked_words(const XmlElement& element, std::string_view attribute,
                          std::string_view text, std::size_t min, std::size_t max) {
  if (text.size() < min || text.size() > max || !std::ranges::all_of(text, is_name_character)) {
    element.fail(fmt::format("has {}=\"{}\"; {} to {} letters, digits, dots and hyphens are valid",
                             attribute, printable(text), min, max));
  }
  return std::string(text);
}

// Parses "1.2.3.4" and returns whether each number has 16 bits and no leading zeros.
bool is_version(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    const std::size_t end = std::min(text.find('.'), text.size());
    std::uint16_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + end, number);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + end ||
        (text.front() == '0' && end > 1)) {
      return false;
    }
    text.remove_prefix(end);
    if (text.empty() != (part == 3)) {
      return false;
    }
    if (!text.empty()) {
      text.remove_prefix(1);
    }
  }
  return true;
}

}  // namespace

std::string checked_version(const XmlElement& element, std::string_view attribute) {
  const std::string_view text = element.required(attribute);
  if (!is_version(text)) {
    element.fail(fmt::format("has {}=\"{}\"; four numbers up to 65535 are valid", attribute,
                             printable(text)));
  }
  return std::string(text);
}

std::string checked_architecture(const XmlElement& element, std::string_view attribute) {
  static constexpr std::array<std::string_view, 6> kKnown = {"neutral", "x86",   "x64",
                                                             "arm",     "arm64", "x86a64"};
  const std::string_view text = element.attribute(attribute).value_or("neutral");
  const auto known = std::ranges::find_if(
      kKnown, [&](std::string_view each) { return equal_ignoring_ascii_case(each, text); });
  if (known == kKnown.end()) {
    element.fail(fmt::format("has the unknown {} \"{}\"", attribute, printable(text)));
  }
  return std::string(*known);
}

std::string checked_resource_id(const XmlElement& element, std::string_view attribute) {
  const auto text = element.attribute(attribute);
  // Bundles mark their own identity by "~".
  return !text || *text == "~" ? std::string(text.value_or(""))
                               : checked_words(element, attribute, *text, 0, kMaxResourceId);
}

Identity parse_identity(const XmlElement& element) {
  Identity identity;
  identity.name = checked_words(element, "Name", element.required("Name"), kMinName, kMaxName);
  if (!name_fault(*to_utf16(identity.name)).empty()) {
    element.fail("has a Name that cannot be the name of a directory");
  }
  identity.publisher = element.required("Publisher");
  if (identity.publisher.empty() || identity.publisher.size() > kMaxPublisher) {
    element.fail(fmt::format("has a Publisher of no or more than {} bytes", kMaxPublisher));
  }
  identity.version = checked_version(element, "Version");
  identity.architecture = checked_architecture(element, "ProcessorArchitecture");
  identity.resource_id = checked_resource_id(element, "ResourceId");
  return identity;
}

}  // namespace cim::appx
