// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/base/mount_table.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

#include "cimlib/error.h"

#include "os/file.h"
#include "os/host_path.h"
#include "os/seeded_hash.h"
#include "os/system_error.h"

namespace cim::mount {
namespace {

/// Spaces, tabs, newlines and backslashes are escaped as a backslash and three octal digits.
std::string unescaped(std::string_view field) {
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const std::string_view digits = field.substr(i).substr(1, 3);
    if (field[i] == '\\' && digits.size() == 3 && std::ranges::all_of(digits, is_octal)) {
      text += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + digits[2] - '0');
      i += digits.size();
    } else {
      text += field[i];
    }
  }
  return text;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

std::optional<Mount> parse_line(const std::string& line) {
  constexpr std::size_t kDevice = 2;
  constexpr std::size_t kMountPoint = 4;
  const std::vector<std::string> fields = fields_of(line);
  // Any number of optional fields precedes a lone hyphen.
  const auto hyphen = std::ranges::find(fields, "-");
  if (hyphen - fields.begin() <= static_cast<std::ptrdiff_t>(kMountPoint) ||
      fields.end() - hyphen < 3) {
    return std::nullopt;
  }
  return Mount{.mount_point = unescaped(fields[kMountPoint]),
               .type = unescaped(hyphen[1]),
               .source = unescaped(hyphen[2]),
               .device = fields[kDevice],
               .options = fields.end() - hyphen > 3 ? hyphen[3] : ""};
}

/// Overlays escape what separates directories in their options.
std::string without_backslashes(std::string_view text) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
    }
    path += text[i];
  }
  return path;
}

}  // namespace

std::vector<Mount> parse_mount_table(std::string_view text) {
  std::istringstream lines{std::string(text)};
  std::vector<Mount> mounts;
  for (std::string line; std::getline(lines, line);) {
    if (auto mount = parse_line(line)) {
      mounts.push_back(*std::move(mount));
    }
  }
  return mounts;
}

// The file has no size; the kernel generates it while it is read.
std::vector<Mount> read_mount_table() {
  const char* const path = "/proc/self/mountinfo";
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    throw Error(ErrorCode::kIo, path, "cannot be read");
  }
  return parse_mount_table(text.str());
}

std::optional<Mount> find_mount(const std::filesystem::path& mount_point) {
  auto mounts = read_mount_table();
  std::ranges::reverse(mounts);  // the topmost is last in the table
  const auto found = std::ranges::find(mounts, mount_point, &Mount::mount_point);
  return found == mounts.end() ? std::nullopt : std::optional(std::move(*found));
}

std::optional<std::string> image_of(const Mount& mount) {
  if (mount.type == kFuseType) {
    return mount.source;
  }
  if (mount.type == kErofsType && mount.source.starts_with(kErofsSourcePrefix)) {
    return mount.source.substr(kErofsSourcePrefix.size());
  }
  return std::nullopt;
}

std::optional<std::string> option_of(const Mount& mount, std::string_view name) {
  std::string_view rest = mount.options;
  while (!rest.empty()) {
    const std::string_view option = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(option.size() + 1, rest.size()));
    if (option.size() > name.size() && option.starts_with(name) && option[name.size()] == '=') {
      return unescaped(option.substr(name.size() + 1));
    }
  }
  return std::nullopt;
}

std::optional<std::filesystem::path> upper_directory_of(const Mount& overlay) {
  const auto option = option_of(overlay, "upperdir");
  return option ? std::optional<std::filesystem::path>(without_backslashes(*option)) : std::nullopt;
}

std::optional<std::filesystem::path> overlay_storing_in(const std::filesystem::path& directory) {
  for (const Mount& mount : read_mount_table()) {
    const auto used = mount.type == kOverlayType ? upper_directory_of(mount) : std::nullopt;
    if (used && is_same_file(*used, directory)) {
      return mount.mount_point;
    }
  }
  return std::nullopt;
}

// Resolving the last name would access what is mounted there, so only the directories above it are
// resolved.
std::filesystem::path canonical_mount_point(const std::filesystem::path& path) {
  std::filesystem::path absolute = absolute_path(path);
  while (absolute.has_relative_path() && (!absolute.has_filename() || absolute.filename() == ".")) {
    absolute = absolute.parent_path();
  }
  if (absolute.filename() == "..") {
    return canonical_path(absolute);
  }
  std::error_code error;
  const auto parent = std::filesystem::canonical(absolute.parent_path(), error);
  if (error) {
    throw_system_error(error.value(), absolute.string(), "find its directory");
  }
  return parent / absolute.filename();
}

// The table lists mounts at one place from the bottom up. One pass suffices: a mount either covers
// the image mount that was on top at its place so far, or is that mount's overlay.
std::vector<ImageMount> image_mounts(const std::vector<Mount>& table) {
  std::vector<ImageMount> mounts;
  SeededMap<std::string, std::size_t> on_top;  // by mount point
  for (const Mount& mount : table) {
    const auto below = on_top.find(mount.mount_point.string());
    if (below != on_top.end()) {
      ImageMount& covered = mounts[below->second];
      if (mount.type == kOverlayType && !covered.overlay && mount.source == covered.image.source) {
        covered.overlay = mount;
        continue;
      }
      covered.is_on_top = false;
      on_top.erase(below);
    }
    if (auto image = image_of(mount)) {
      on_top[mount.mount_point.string()] = mounts.size();
      mounts.push_back({.image = mount});
      mounts.back().image.source = *std::move(image);
    }
  }
  return mounts;
}

std::optional<ImageMount> find_image_mount(const std::filesystem::path& mount_point) {
  for (ImageMount& mount : image_mounts(read_mount_table())) {
    if (mount.is_on_top && mount.mount_point() == mount_point) {
      return std::move(mount);
    }
  }
  return std::nullopt;
}

std::optional<std::filesystem::path> mount_point_of(const std::filesystem::path& image) {
  for (const ImageMount& mount : image_mounts(read_mount_table())) {
    if (is_same_file(mount.image.source, image)) {
      return mount.mount_point();
    }
  }
  return std::nullopt;
}

}  // namespace cim::mount
