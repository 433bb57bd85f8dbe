// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/part_name.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "base/printable.h"
#include "base/upcase.h"

namespace cim::appx {
namespace {

[[noreturn]] void fail(std::string_view stored, std::string_view archive, std::string_view reason) {
  throw Error(ErrorCode::kCorrupt, std::string(archive),
              fmt::format("the name '{}' {}", printable(stored), reason));
}

// Returns the byte of "%41"; nullopt for anything else.
std::optional<char> escaped(std::string_view text) {
  unsigned value = 0;
  const auto parsed = text.size() < 3
                          ? std::from_chars_result{text.data(), std::errc{}}
                          : std::from_chars(text.data() + 1, text.data() + 3, value, 16);
  if (text.size() < 3 || parsed.ptr != text.data() + 3) {
    return std::nullopt;
  }
  return static_cast<char>(value);
}

std::string decoded(std::string_view segment, std::string_view stored, std::string_view archive) {
  std::string text;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '%') {
      text += segment[i];
      continue;
    }
    const auto byte = escaped(segment.substr(i));
    if (!byte) {
      fail(stored, archive, "has a percent sign without two hexadecimal digits");
    }
    text += *byte;
    i += 2;
  }
  return text;
}

bool has_surrogates(std::u16string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_high = text[i] >= 0xD800 && text[i] < 0xDC00;
    const bool is_low = text[i] >= 0xDC00 && text[i] < 0xE000;
    if (is_low || (is_high && (i + 1 == text.size() || (text[i + 1] & 0xFC00) != 0xDC00))) {
      return true;
    }
    i += is_high ? 1 : 0;
  }
  return false;
}

// The device names of DOS, which Windows finds in every directory, whatever their extension.
bool is_device(std::u16string_view name) {
  static constexpr std::array<std::u16string_view, 6> kNames = {u"CON", u"PRN",    u"AUX",
                                                                u"NUL", u"CONIN$", u"CONOUT$"};
  std::u16string_view stem = name.substr(0, name.find(u'.'));
  while (!stem.empty() && stem.back() == u' ') {
    stem.remove_suffix(1);
  }
  if (std::ranges::any_of(kNames, [&](auto each) { return equal_ignoring_case(stem, each); })) {
    return true;
  }
  if (stem.size() != 4 || (!equal_ignoring_case(stem.substr(0, 3), u"COM") &&
                           !equal_ignoring_case(stem.substr(0, 3), u"LPT"))) {
    return false;
  }
  const char16_t number = stem.back();
  return (number >= u'1' && number <= u'9') || number == u'\u00B9' || number == u'\u00B2' ||
         number == u'\u00B3';
}

void add_segment(PartName& name, const std::string& segment, std::string_view stored,
                 std::string_view archive) {
  const auto utf16 = to_utf16(segment);
  if (!utf16 || has_surrogates(*utf16)) {
    fail(stored, archive, "is not UTF-8");
  }
  if (const std::string_view fault = name_fault(*utf16); !fault.empty()) {
    fail(stored, archive, fault);
  }
  try {
    name.path = std::move(name.path).child(*utf16);
  } catch (const Error& error) {
    fail(stored, archive, "is not a name of a file: " + error.reason());
  }
}

}  // namespace

ImagePath joined_paths(ImagePath path, const ImagePath& below) {
  for (const std::u16string& name : below.names()) {
    path = std::move(path).child(name);
  }
  return path;
}

std::string_view name_fault(std::u16string_view name) noexcept {
  if (name.empty()) {
    return "has an empty part";
  }
  if (name == u"." || name == u"..") {
    return "leads out of its directory";
  }
  for (const char16_t unit : name) {
    if (unit < 0x20 ||
        std::u16string_view(u"<>:\"/\\|?*").find(unit) != std::u16string_view::npos) {
      return "has a character that Windows does not allow in names";
    }
  }
  if (name.back() == u'.' || name.back() == u' ') {
    return "ends with a dot or a space, which Windows removes";
  }
  if (is_device(name)) {
    return "is that of a device";
  }
  return {};
}

PartName decode_part_name(std::string_view stored, std::string_view archive) {
  PartName name;
  std::string_view rest = stored;
  name.is_directory = rest.size() > 1 && rest.back() == '/';
  if (name.is_directory) {
    rest.remove_suffix(1);
  }
  for (;;) {
    const std::size_t end = rest.find('/');
    add_segment(name, decoded(rest.substr(0, end), stored, archive), stored, archive);
    if (end == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(end + 1);
  }
  name.text = block_map_name(name.path);
  return name;
}

std::string block_map_name(const ImagePath& path) {
  std::string text;
  for (const std::u16string& name : path.names()) {
    text += text.empty() ? "" : "\\";
    text += to_wtf8(name);
  }
  return text;
}

}  // namespace cim::appx
