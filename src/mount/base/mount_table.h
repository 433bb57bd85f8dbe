// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The kernel's mount table, and the image mounts in it. It is the only record of what is mounted,
// so that all processes see the same, also after one of them has crashed.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/mount.h"

namespace cim::mount {

/// The types under which the kernel lists the mounts of this library.
inline constexpr std::string_view kFuseType = "fuse.cim";
inline constexpr std::string_view kErofsType = "erofs";
inline constexpr std::string_view kOverlayType = "overlay";

/// Precedes the image's path in the source of our EROFS mounts, to tell them from other EROFS
/// mounts.
inline constexpr std::string_view kErofsSourcePrefix = "cim:";

/// One line of the mount table.
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

/// Returns the directory in which an overlay stores its changes; nullopt if it has none.
std::optional<std::filesystem::path> upper_directory_of(const Mount& overlay);

/// Returns the mount point of an overlay that stores its changes in this directory; nullopt if
/// there is none. In builds without mount support, there is none.
std::optional<std::filesystem::path> overlay_storing_in(const std::filesystem::path& directory);

/// Returns the path as it appears in the mount table. Does not access what is mounted there, whose
/// server may be dead, unless the path ends with `..`. Throws kNotFound if a directory above it is
/// missing.
std::filesystem::path canonical_mount_point(const std::filesystem::path& path);

/// The mounts of one image: the mount that serves it and, if it is writable, the overlay on top,
/// which has the same mount point and also has the image as its source.
struct ImageMount {
  Mount image;  ///< its source is the image's path alone, for either backend
  std::optional<Mount> overlay{};
  bool is_on_top = true;  ///< nothing else is mounted on top of it

  Backend backend() const noexcept {
    return image.type == kErofsType ? Backend::kErofs : Backend::kFuse;
  }
  const std::filesystem::path& mount_point() const noexcept { return image.mount_point; }
};

/// Returns the image mounts in a mount table, in its order.
std::vector<ImageMount> image_mounts(const std::vector<Mount>& table);

/// Returns the topmost mount at `mount_point` if it is an image mount, else nullopt. The path must
/// be spelled as in the mount table.
std::optional<ImageMount> find_image_mount(const std::filesystem::path& mount_point);

/// Returns a mount point of the image file, under whatever name it was mounted; nullopt if it is
/// not mounted. In builds without mount support, nothing is.
std::optional<std::filesystem::path> mount_point_of(const std::filesystem::path& image);

}  // namespace cim::mount
