// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/link_target.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "cimlib/error.h"

#include "base/upcase.h"
#include "base/utf16.h"

namespace cim {
namespace {

using Names = std::vector<std::u16string_view>;

bool is_separator(char16_t unit) {
  return unit == u'\\' || unit == u'/';
}

bool begins_with_separator(std::u16string_view path) {
  return !path.empty() && is_separator(path.front());
}

enum class Start { kVolumeRoot, kLinkDirectory, kElsewhere };

struct Target {
  Start start = Start::kElsewhere;
  std::u16string_view path;
};

/// Returns true for "C:" followed by a separator or by nothing.
bool is_on_drive_c(std::u16string_view path) {
  return path.size() >= 2 && upcase(path[0]) == u'C' && path[1] == u':' &&
         (path.size() == 2 || is_separator(path[2]));
}

// Determines where a target starts, from the forms that Windows uses: device prefixes, a drive, a
// share, the root of the current volume, or a relative path.
Target classify(std::u16string_view name, bool is_relative) {
  constexpr std::array<std::u16string_view, 3> kDevicePrefixes = {u"\\??\\", u"\\\\?\\",
                                                                  u"\\DosDevices\\"};
  std::u16string_view path = name;
  for (const std::u16string_view prefix : kDevicePrefixes) {
    if (path.starts_with(prefix)) {
      path.remove_prefix(prefix.size());
      return is_on_drive_c(path) ? Target{Start::kVolumeRoot, path.substr(2)}
                                 : Target{Start::kElsewhere, name};
    }
  }
  if (is_on_drive_c(path)) {
    return {Start::kVolumeRoot, path.substr(2)};
  }
  if (begins_with_separator(path)) {
    const bool is_share = begins_with_separator(path.substr(1));
    return {is_share ? Start::kElsewhere : Start::kVolumeRoot, path};
  }
  return {is_relative ? Start::kLinkDirectory : Start::kElsewhere, path};
}

Names split(std::u16string_view path) {
  Names names;
  while (!path.empty()) {
    const auto end = std::ranges::find_if(path, is_separator);
    const auto length = static_cast<std::size_t>(end - path.begin());
    if (length != 0) {
      names.push_back(path.substr(0, length));
    }
    path.remove_prefix(std::min(length + 1, path.size()));
  }
  return names;
}

/// A path that goes up some steps and then only down. Because no `..` follows a name, it means the
/// same to Linux, which would otherwise follow a link of that name before it goes up.
struct Route {
  std::size_t ups = 0;
  Names down{};
};

/// Resolves `..` textually, as Windows does, and stops at the volume's root, which is `depth` steps
/// up.
Route route_of(const Names& names, std::size_t ups, std::size_t depth) {
  Route route{.ups = ups};
  for (const std::u16string_view name : names) {
    if (name == u".") {
      continue;
    }
    if (name != u"..") {
      route.down.push_back(name);
    } else if (!route.down.empty()) {
      route.down.pop_back();
    } else {
      route.ups = std::min(route.ups + 1, depth);
    }
  }
  return route;
}

/// Returns an empty string for a target that is longer than Linux allows.
std::string text_of(const Route& route) {
  constexpr std::string_view kUp = "../";
  std::string path;
  if (route.ups > kMaxLinkTarget / kUp.size()) {
    return "";
  }
  for (std::size_t i = 0; i < route.ups; ++i) {
    path += kUp;
  }
  for (const std::u16string_view name : route.down) {
    path += to_wtf8(name);
    path += '/';
  }
  if (path.empty()) {
    return ".";
  }
  path.pop_back();
  return path;
}

/// Returns Windows' own text as a single name, which leads nowhere.
std::string dangling_text(std::u16string_view target) {
  std::string text = to_wtf8(target);
  std::ranges::replace(text, '/', '\\');
  return text == "." || text == ".." ? text + '\\' : text;
}

}  // namespace

bool is_link_tag(std::uint32_t reparse_tag) noexcept {
  return reparse_tag == reparse_tag::kSymlink || reparse_tag == reparse_tag::kMountPoint;
}

std::vector<FileId> volume_roots(const Image& image) {
  std::vector<FileId> roots = {image.root()};
  for (const char* const path : {"Files", "UtilityVM/Files"}) {
    if (const auto id = image.find(ImagePath::parse(path))) {
      roots.push_back(*id);
    }
  }
  return roots;
}

LinkTarget posix_link_target(const ReparsePoint& link, const LinkPlace& place) {
  const std::u16string& name =
      link.substitute_name.empty() ? link.print_name : link.substitute_name;
  if (name.empty()) {
    return {.obstacle = "leads to an empty path"};
  }
  if (name.find(u'\0') != std::u16string::npos) {
    return {.obstacle = "leads to a path that contains a NUL"};
  }
  const Target target = classify(name, link.is_relative);
  LinkTarget result;
  if (target.start == Start::kElsewhere) {
    result.text = dangling_text(name);
  } else {
    const std::size_t ups = target.start == Start::kVolumeRoot ? place.depth : 0;
    const Route route = route_of(split(target.path), ups, place.depth);
    result.text = route.ups > place.reach ? dangling_text(name) : text_of(route);
  }
  if (result.text.empty() || result.text.size() > kMaxLinkTarget) {
    return {.obstacle = "leads to a path that is too long for Linux"};
  }
  return result;
}

LinkTarget posix_link_target(ByteView reparse_data, const LinkPlace& place) {
  try {
    return posix_link_target(ReparsePoint::parse(reparse_data), place);
  } catch (const Error&) {
    return {.obstacle = "has damaged reparse data"};
  }
}

}  // namespace cim
