// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/link_target.h"

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

/// "C:" and what follows it, or no more than the drive.
bool is_on_drive_c(std::u16string_view path) {
  return path.size() >= 2 && upcase(path[0]) == u'C' && path[1] == u':' &&
         (path.size() == 2 || is_separator(path[2]));
}

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

/// Whether following the names from `depth` below the root tries to go above it.
bool climbs_past_root(const Names& names, std::size_t depth) {
  for (const std::u16string_view name : names) {
    if (name == u"..") {
      if (depth == 0) {
        return true;
      }
      --depth;
    } else if (name != u".") {
      ++depth;
    }
  }
  return false;
}

/// `ups` steps up from the link's directory, then the names; `..` among them is taken by its text,
/// as Windows does, and ends at `depth` steps up.
Names normalized(const Names& names, std::size_t ups, std::size_t depth) {
  Names down;
  for (const std::u16string_view name : names) {
    if (name == u".") {
      continue;
    }
    if (name != u"..") {
      down.push_back(name);
    } else if (!down.empty()) {
      down.pop_back();
    } else {
      ups = std::min(ups + 1, depth);
    }
  }
  Names all(ups, u"..");
  all.insert(all.end(), down.begin(), down.end());
  return all;
}

std::string joined(const Names& names) {
  std::string path;
  for (const std::u16string_view name : names) {
    path += (path.empty() ? "" : "/") + to_wtf8(name);
  }
  return path.empty() ? "." : path;
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

std::string posix_link_target(const ReparsePoint& link, std::size_t depth) {
  const std::u16string& name =
      link.substitute_name.empty() ? link.print_name : link.substitute_name;
  if (name.empty() || name.find(u'\0') != std::u16string::npos) {
    throw Error(ErrorCode::kCorrupt, "", "a link whose target is empty or has a NUL");
  }
  const Target target = classify(name, link.is_relative);
  const Names names = split(target.path);
  switch (target.start) {
    case Start::kVolumeRoot:
      return joined(normalized(names, depth, depth));
    case Start::kLinkDirectory:
      return joined(climbs_past_root(names, depth) ? normalized(names, 0, depth) : names);
    case Start::kElsewhere:
      break;
  }
  // With `/` in it, it could name something of the host.
  std::string text = to_wtf8(name);
  std::ranges::replace(text, '/', '\\');
  return text;
}

}  // namespace cim
