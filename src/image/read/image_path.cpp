// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/image_path.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/upcase.h"
#include "base/utf16.h"

namespace cim {
namespace {

constexpr bool is_forbidden(char16_t unit) {
  return unit == u'\\' || unit == u'/' || unit == u':' || unit == u'\0';
}

[[noreturn]] void refuse(std::string_view subject, std::string reason) {
  throw Error(ErrorCode::kInvalidArgument, std::string(subject), std::move(reason));
}

std::u16string utf16_of(std::string_view text) {
  auto utf16 = to_utf16(text);
  if (!utf16) {
    refuse(text, "the name is not valid UTF-8");
  }
  return *std::move(utf16);
}

bool is_data_type(std::u16string_view type) {
  constexpr std::u16string_view kData = u"$DATA";
  return type.size() == kData.size() &&
         std::ranges::equal(type, kData, [](char16_t a, char16_t b) { return upcase(a) == b; });
}

}  // namespace

void check_name(std::u16string_view name) {
  if (name.empty()) {
    refuse("", "the name is empty");
  }
  if (name.size() > kMaxNameUnits) {
    refuse(to_wtf8(name),
           fmt::format("a name of {} UTF-16 units; the limit is {}", name.size(), kMaxNameUnits));
  }
  if (std::ranges::any_of(name, is_forbidden)) {
    refuse(to_wtf8(name), R"(a name cannot contain \, /, : or NUL)");
  }
  if (name == u"." || name == u"..") {
    refuse(to_wtf8(name), "is not a valid name");
  }
}

ImagePath ImagePath::parse(std::string_view text) {
  ImagePath path;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("/\\"), text.size());
    if (end > 0) {
      path = std::move(path).child(utf16_of(text.substr(0, end)));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return path;
}

ImagePath ImagePath::parent() const& {
  return ImagePath(*this).parent();
}

ImagePath ImagePath::parent() && {
  if (!names_.empty()) {
    units_ -= 1 + names_.back().size();
    names_.pop_back();
  }
  return std::move(*this);
}

ImagePath ImagePath::child(std::u16string_view name) const& {
  return ImagePath(*this).child(name);
}

ImagePath ImagePath::child(std::u16string_view name) && {
  check_name(name);
  if (units_ + 1 + name.size() > kMaxPathUnits) {
    throw Error(ErrorCode::kLimit, to_string(),
                fmt::format("a path of more than {} UTF-16 units", kMaxPathUnits));
  }
  units_ += 1 + name.size();
  names_.emplace_back(name);
  return std::move(*this);
}

std::string ImagePath::to_string() const {
  if (names_.empty()) {
    return "\\";
  }
  std::string text;
  text.reserve(units_);
  for (const std::u16string& name : names_) {
    text += '\\';
    append_wtf8(text, name);
  }
  return text;
}

StreamPath StreamPath::parse(std::string_view text) {
  const std::size_t name_start = text.find_last_of("/\\") + 1;  // npos + 1 is 0
  const std::size_t colon = text.find(':', name_start);
  if (colon == text.npos) {
    return {ImagePath::parse(text), {}};
  }
  std::u16string stream = utf16_of(text.substr(colon + 1));
  if (const std::size_t type_colon = stream.find(u':'); type_colon != stream.npos) {
    if (!is_data_type(std::u16string_view(stream).substr(type_colon + 1))) {
      throw Error(ErrorCode::kUnsupported, std::string(text), "only $DATA streams are supported");
    }
    stream.resize(type_colon);
  }
  if (!stream.empty()) {
    check_name(stream);
  }
  return {ImagePath::parse(text.substr(0, colon)), std::move(stream)};
}

}  // namespace cim
