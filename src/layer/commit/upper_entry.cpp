// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/commit/upper_entry.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "cimlib/error.h"

#include "ntfs/ntfs_3g.h"
#include "os/system_error.h"

namespace cim::layer {
namespace {

constexpr std::string_view kTrustedPrefix = "trusted.overlay.";
constexpr std::string_view kUserPrefix = "user.overlay.";
constexpr std::string_view kFusePrefix = "user.fuseoverlayfs.";
constexpr std::string_view kTrustedNtfsPrefix = "trusted.ntfs.";

// The number that FUSE requires for the root, as the mounts of this library have it.
constexpr FileId kRootInode = 1;

// struct ovl_fb of the kernel: version, magic, size, flags, type of the file system's handle, UUID
// of the file system, then that handle. Handles of FUSE are three integers in the machine's order:
// the upper and lower half of the inode number, and a generation.
constexpr std::size_t kHandleUuid = 5;
constexpr std::size_t kHandleFile = 21;
constexpr std::size_t kHandleSize = kHandleFile + 3 * sizeof(std::uint32_t);
constexpr std::array<std::byte, 2> kHandleStart = {std::byte{0}, std::byte{0xFB}};
constexpr std::byte kHandleOfInode{0x81};
constexpr std::size_t kHandleSizeAt = 2;
constexpr std::size_t kHandleTypeAt = 4;

bool is_handle_of_fuse(ByteView handle) {
  const auto is_zero = [](std::byte each) { return each == std::byte{0}; };
  return handle.size() == kHandleSize &&
         std::ranges::equal(handle.first(kHandleStart.size()), kHandleStart) &&
         handle[kHandleSizeAt] == std::byte{kHandleSize} &&
         handle[kHandleTypeAt] == kHandleOfInode &&
         std::ranges::all_of(handle.subspan(kHandleUuid, kHandleFile - kHandleUuid), is_zero);
}

// The path in the layer, with a NUL at its end.
std::optional<FileId> file_of_path(std::string_view path, const Image& image) {
  try {
    return image.find(ImagePath::parse(path.substr(0, path.find('\0'))));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument && error.code() != ErrorCode::kLimit) {
      throw;
    }
    return std::nullopt;
  }
}

bool is_stored_ntfs(std::string_view name) {
  return std::ranges::find(stored_ntfs_xattr::kAll, name) != stored_ntfs_xattr::kAll.end();
}

}  // namespace

OverlayAttributes overlay_attributes_of(const HostEntry& top) {
  const std::vector<std::string> names = top.xattr_names();
  const auto has = [&](std::string_view prefix) {
    return std::ranges::any_of(names, [&](const auto& name) { return name.starts_with(prefix); });
  };
  return has(kTrustedPrefix) ? OverlayAttributes::kTrusted
         : has(kUserPrefix)  ? OverlayAttributes::kUser
                             : OverlayAttributes::kEither;
}

std::optional<WhiteoutName> parse_whiteout_name(std::string_view name, const std::string& path) {
  constexpr std::string_view kPrefix = ".wh.";
  if (!name.starts_with(kPrefix)) {
    return std::nullopt;
  }
  const std::string_view hidden = name.substr(kPrefix.size());
  if (hidden == ".wh..opq") {
    return WhiteoutName{.is_opaque_marker = true};
  }
  if (hidden.empty() || hidden == "." || hidden == ".." || hidden.starts_with(kPrefix)) {
    throw Error(ErrorCode::kInvalidArgument, path,
                "names of this form hide a file; this hides none");
  }
  return WhiteoutName{.hidden = std::string(hidden)};
}

bool has_opaque_marker(int directory, const std::string& name, const std::string& path) {
  struct stat status {};
  const std::string marker = name + "/.wh..wh..opq";
  if (::fstatat(directory, marker.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    return true;
  }
  if (errno != ENOENT) {
    throw_system_error(errno, path, "search");
  }
  return false;
}

// A file that vanishes meanwhile is reported when it is opened.
bool may_be_whiteout(int directory, const std::string& name) {
  struct stat status {};
  return ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
         S_ISCHR(status.st_mode) || (S_ISREG(status.st_mode) && status.st_size == 0);
}

std::optional<FileId> file_of_handle(ByteView handle, const Image& image) {
  if (!is_handle_of_fuse(handle)) {
    return std::nullopt;
  }
  std::uint32_t inode = 0;  // the upper half is that of a name, or of a stream
  std::memcpy(&inode, handle.data() + kHandleFile + sizeof inode, sizeof inode);
  if (inode == kRootInode) {
    inode = image.root();
  } else if (inode == image.root()) {
    inode = kRootInode;
  }
  return inode != 0 && inode <= image.max_file_id() ? std::optional<FileId>(inode) : std::nullopt;
}

UpperEntry::UpperEntry(HostEntry entry, OverlayAttributes which, const Image& parent)
    : entry_(std::move(entry)), is_whiteout_(entry_.is_whiteout_device()) {
  if (entry_.kind() == HostKind::kOther) {
    return;
  }
  for (const std::string& name : entry_.xattr_names()) {
    read_attribute(name, which, parent);
  }
  std::ranges::sort(streams_);
}

void UpperEntry::read_attribute(const std::string& name, OverlayAttributes which,
                                const Image& parent) {
  const std::string_view text = name;
  if (text.starts_with(kTrustedPrefix)) {
    if (which != OverlayAttributes::kUser) {
      read_overlay_attribute(name, text.substr(kTrustedPrefix.size()), parent);
    }
  } else if (text.starts_with(kUserPrefix)) {
    if (which != OverlayAttributes::kTrusted) {
      read_overlay_attribute(name, text.substr(kUserPrefix.size()), parent);
    }
  } else if (text.starts_with(kFusePrefix)) {
    read_overlay_attribute(name, text.substr(kFusePrefix.size()), parent);
  } else if (text.starts_with(ntfs_xattr::kStreamPrefix)) {
    const std::string_view stream = text.substr(ntfs_xattr::kStreamPrefix.size());
    if (!is_reserved_stream_name(stream) && !is_stored_ntfs(stream)) {
      streams_.emplace_back(stream);
    }
  } else if (!text.starts_with(ntfs_xattr::kPrefix) && !text.starts_with(kTrustedNtfsPrefix)) {
    foreign_.push_back(name);
  }
}

// Names within `overlay.` belong to an overlay on top of the mount, or have no effect here.
void UpperEntry::read_overlay_attribute(const std::string& attribute, std::string_view name,
                                        const Image& parent) {
  if (name == "whiteout") {
    is_whiteout_ = entry_.kind() == HostKind::kFile && entry_.size() == 0;
  } else if (name == "opaque") {
    // With "x", names in the directory may be hidden by attributes.
    is_opaque_ = is_opaque_ || entry_.xattr(attribute) == Bytes{std::byte{'y'}};
  } else if (name == "origin") {
    is_copied_ = true;
    const Bytes value = entry_.xattr(attribute).value_or(Bytes{});
    origin_ = attribute.starts_with(kFusePrefix) ? file_of_path(as_text(value), parent)
                                                 : file_of_handle(value, parent);
  } else if (name == "redirect") {
    throw Error(ErrorCode::kUnsupported, entry_.path(),
                "the overlay only recorded that it was renamed; a mount with redirect_dir=off "
                "copies it");
  } else if (name == "metacopy") {
    throw Error(ErrorCode::kUnsupported, entry_.path(),
                "the overlay copied only its metadata; a mount with metacopy=off copies its data");
  }
}

}  // namespace cim::layer
