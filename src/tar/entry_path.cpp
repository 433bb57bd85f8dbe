// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Paths are checked more strictly than hcsshim does: what two readers could understand differently,
// such as absolute paths and "..", is an error and never repaired.
#include "tar/entry_path.h"

#include <algorithm>
#include <array>

#include "cimlib/error.h"

#include "base/upcase.h"
#include "base/utf16.h"

namespace cim::tar {
namespace {

// Limits of NTFS and of the link tables of an image.
constexpr std::size_t kMaxNameUnits = 255;
constexpr std::size_t kMaxPathUnits = 32767;

constexpr std::u16string_view kOpaqueName = u".wh..wh..opq";
constexpr std::u16string_view kDataType = u":$DATA";
constexpr const char* kNotBelowRoots = "a path that is not below Files, Hives or UtilityVM";
constexpr std::array<std::u16string_view, 3> kRoots = {u"Files", u"Hives", u"UtilityVM"};

[[noreturn]] void refuse(std::string reason, ErrorCode code = ErrorCode::kCorrupt) {
  throw Error(code, {}, std::move(reason));
}

bool is_drive_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

void refuse_absolute(std::string_view text) {
  if (text.starts_with('/') || text.starts_with('\\') ||
      (text.size() >= 2 && is_drive_letter(text[0]) && text[1] == ':')) {
    refuse("an absolute path");
  }
}

// Splits a path into names, leaving out empty ones and ".".
Names split(std::string_view text) {
  refuse_absolute(text);
  const auto units = to_utf16(text);
  if (!units) {
    refuse("a path that is not UTF-8");
  }
  if (units->size() > kMaxPathUnits) {
    refuse("a path of more than 32767 UTF-16 units", ErrorCode::kLimit);
  }
  Names names;
  const auto is_separator = [](char16_t unit) { return unit == u'/' || unit == u'\\'; };
  std::u16string_view rest = *units;
  while (!rest.empty()) {
    const auto end = std::ranges::find_if(rest, is_separator);
    const auto size = static_cast<std::size_t>(end - rest.begin());
    const std::u16string_view name = rest.substr(0, size);
    if (name == u"..") {
      refuse("a path that contains \"..\"");
    }
    if (!name.empty() && name != u".") {
      names.emplace_back(name);
    }
    rest.remove_prefix(std::min(size + 1, rest.size()));
  }
  return names;
}

// A colon would make Windows open a stream.
void check_name(std::u16string_view name) {
  for (const char16_t unit : name) {
    if (unit == u'\0' || unit == u':') {
      refuse(unit == u':' ? "a name that contains a colon" : "a name that contains a NUL");
    }
  }
  if (name.size() > kMaxNameUnits) {
    refuse("a name of more than 255 UTF-16 units", ErrorCode::kLimit);
  }
}

// The roots are compared ignoring case, as Windows looks them up.
void check_names(const Names& names, TarScope scope) {
  std::for_each(names.begin(), names.end(), check_name);
  const auto is_first = [&](std::u16string_view root) {
    return equal_ignoring_case(names.front(), root);
  };
  if (scope == TarScope::kLayer && !names.empty() &&
      std::none_of(kRoots.begin(), kRoots.end(), is_first)) {
    refuse(kNotBelowRoots);
  }
}

// Turns the last name "file:stream" or "file:stream:$DATA" into that of the file.
void split_off_stream(EntryPath& path, TarScope scope) {
  std::u16string& last = path.names.back();
  const std::size_t type = last.size() - std::min(last.size(), kDataType.size());
  if (equal_ignoring_case(std::u16string_view(last).substr(type), kDataType)) {
    last.resize(type);
  }
  const std::size_t colon = last.find(u':');
  const bool is_of_root = scope == TarScope::kImage && path.names.size() == 1 && colon == 0;
  if (colon == std::u16string::npos || (colon == 0 && !is_of_root) || colon + 1 == last.size()) {
    refuse("a stream without a name, or without a file");
  }
  path.stream = last.substr(colon + 1);
  if (path.stream.find(u':') != std::u16string::npos) {
    refuse("a stream of a type other than $DATA", ErrorCode::kUnsupported);
  }
  last.resize(colon);
  check_name(path.stream);
  path.kind = EntryPath::Kind::kStream;
  if (is_of_root) {
    path.names.clear();
  }
}

// Turns the last name ".wh.NAME" into NAME; removes it if it is an opaque marker.
void strip_whiteout(EntryPath& path) {
  if (path.names.size() == 1) {
    refuse(kNotBelowRoots);  // the roots themselves cannot be deleted
  }
  std::u16string& last = path.names.back();
  if (last == kOpaqueName) {
    path.names.pop_back();
    path.kind = EntryPath::Kind::kOpaqueMarker;
    return;
  }
  last.erase(0, kWhiteoutPrefix.size());
  if (last.empty() || last == u"." || last == u"..") {
    refuse("a whiteout without a name");
  }
  path.kind = EntryPath::Kind::kWhiteout;
}

}  // namespace

EntryPath parse_entry_path(std::string_view text, TarScope scope) {
  EntryPath path;
  path.names = split(text);
  if (path.names.empty()) {
    return path;
  }
  if (path.names.back().starts_with(kWhiteoutPrefix)) {
    if (scope == TarScope::kImage) {
      refuse("a whiteout, which only the tar of a layer can have", ErrorCode::kUnsupported);
    }
    strip_whiteout(path);
  } else if (path.names.back().find(u':') != std::u16string::npos) {
    split_off_stream(path, scope);
  }
  check_names(path.names, scope);
  return path;
}

Names parse_link_path(std::string_view text, TarScope scope) {
  Names names = split(text);
  if (names.empty()) {
    refuse("a hard link to the root or to an empty path");
  }
  check_names(names, scope);
  return names;
}

}  // namespace cim::tar
