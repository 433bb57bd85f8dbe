// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What the kernel says is mounted.

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

/// What stands before the image in the source of a mount of the type erofs, of which there are
/// others than ours.
inline constexpr std::string_view kErofsSourcePrefix = "cim:";

struct Mount {
  std::filesystem::path mount_point;
  std::string type;
  std::string source;     ///< of ours: the image, behind kErofsSourcePrefix with the type erofs
  std::string device;     ///< "MAJOR:MINOR"
  std::string options{};  ///< of the file system, parted by commas, escaped

  bool operator==(const Mount&) const = default;
};

/// Reads text in the form of /proc/self/mountinfo (proc(5)), in its order: of mounts at one place
/// the last one shows. Lines in other forms are left out.
std::vector<Mount> parse_mount_table(std::string_view text);

/// The mounts that this process sees. Throws kIo.
std::vector<Mount> read_mount_table();

/// The mount that shows at that place, or nothing.
std::optional<Mount> find_mount(const std::filesystem::path& mount_point);

/// The image that it shows, as the one who mounted it wrote its absolute path; nothing if it is
/// none of ours, or an overlay.
std::optional<std::string> image_of(const Mount& mount);

/// The value of an option of a file system, as in "upperdir".
std::optional<std::string> option_of(const Mount& mount, std::string_view name);

/// The path as the mount table has it. Works without touching what is mounted there, whose server
/// may be dead, unless the path ends with `..`. Throws kNotFound for a missing directory above it.
std::filesystem::path canonical_mount_point(const std::filesystem::path& path);

}  // namespace cim::mount
