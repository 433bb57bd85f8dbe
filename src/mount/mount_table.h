// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The kernel's mount table.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cim::mount {

/// The types under which the kernel lists the mounts of this library.
inline constexpr std::string_view kFuseType = "fuse.cim";
inline constexpr std::string_view kErofsType = "erofs";
inline constexpr std::string_view kOverlayType = "overlay";

/// Precedes the image's path in the source of our EROFS mounts, to tell them from other EROFS
/// mounts.
inline constexpr std::string_view kErofsSourcePrefix = "cim:";

struct Mount {
  std::filesystem::path mount_point;
  std::string type;
  std::string source;     ///< for our mounts the image's path, after kErofsSourcePrefix for EROFS
  std::string device;     ///< "MAJOR:MINOR"
  std::string options{};  ///< of the file system: comma-separated, escaped

  bool operator==(const Mount&) const = default;
};

/// Parses text in the format of /proc/self/mountinfo (proc(5)) and keeps its order: of the mounts
/// at one mount point, the last is on top. Lines in any other format are ignored.
std::vector<Mount> parse_mount_table(std::string_view text);

/// Returns the mounts that this process sees. Throws kIo.
std::vector<Mount> read_mount_table();

/// Returns the topmost mount at `mount_point`; nullopt if nothing is mounted there.
std::optional<Mount> find_mount(const std::filesystem::path& mount_point);

/// Returns the absolute path of the mounted image, as given when it was mounted; nullopt for an
/// overlay and for mounts that are not ours.
std::optional<std::string> image_of(const Mount& mount);

/// Returns the value of a file system option such as "upperdir".
std::optional<std::string> option_of(const Mount& mount, std::string_view name);

/// Returns the path as it appears in the mount table. Does not access what is mounted there, whose
/// server may be dead, unless the path ends with `..`. Throws kNotFound if a directory above it is
/// missing.
std::filesystem::path canonical_mount_point(const std::filesystem::path& path);

}  // namespace cim::mount
