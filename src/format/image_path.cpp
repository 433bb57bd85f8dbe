// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/image_path.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/upcase.h"
#include "base/utf16.h"
#include "format/link_table.h"

namespace cim {
namespace {

constexpr bool is_separator(char c) {
  return c == '/' || c == '\\';
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

}  // namespace

void check_name(std::u16string_view name) {
  if (name.empty()) {
    refuse("", "the name is empty");
  }
  if (name.size() > kMaxNameUnits) {
    refuse(to_wtf8(name),
           fmt::format("a name of {} UTF-16 units; the limit is {}", name.size(), kMaxNameUnits));
  }
  const auto defect = format::name_defect(name.size(), [name](std::size_t i) { return name[i]; });
  if (!defect.empty()) {
    refuse(to_wtf8(name), std::string(defect));
  }
}

ImagePath ImagePath::parse(std::string_view text) {
  ImagePath path;
  while (!text.empty()) {
    // find_first_of() would call memchr() for each character.
    const auto end =
        static_cast<std::size_t>(std::ranges::find_if(text, is_separator) - text.begin());
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

// Compares from the last name, which alone distinguishes most paths.
bool ImagePath::equals_ignoring_case(const ImagePath& other) const noexcept {
  return units_ == other.units_ && std::equal(names_.rbegin(), names_.rend(), other.names_.rbegin(),
                                              other.names_.rend(), equal_ignoring_case);
}

bool ImagePath::starts_with(const ImagePath& top) const noexcept {
  return top.names_.size() <= names_.size() &&
         std::equal(top.names_.begin(), top.names_.end(), names_.begin(), equal_ignoring_case);
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
    if (!equal_ignoring_case(std::u16string_view(stream).substr(type_colon + 1), u"$DATA")) {
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
