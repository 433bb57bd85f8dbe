// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// NTFS metadata as ntfs-3g shows them on Linux, in extended attributes.

#include <array>
#include <string_view>

#include "base/bytes.h"

namespace cim {

/// The names of the attributes. Those ending in "_be" are big-endian, the others in the machine's
/// byte order.
namespace ntfs_xattr {

/// The prefix of all except streams.
inline constexpr std::string_view kPrefix = "system.ntfs_";
/// The security descriptor, self-relative.
inline constexpr std::string_view kAcl = "system.ntfs_acl";
/// FILE_ATTRIBUTE_*: an integer of 32 bits.
inline constexpr std::string_view kAttributes = "system.ntfs_attrib";
inline constexpr std::string_view kAttributesBigEndian = "system.ntfs_attrib_be";
/// Creation, last write, last access, change: four FILETIMEs of 64 bits. The order differs from
/// that in an image.
inline constexpr std::string_view kTimes = "system.ntfs_times";
inline constexpr std::string_view kTimesBigEndian = "system.ntfs_times_be";
/// The reparse buffer with its header.
inline constexpr std::string_view kReparseData = "system.ntfs_reparse_data";
/// The list of the file's NTFS extended attributes.
inline constexpr std::string_view kExtendedAttributes = "system.ntfs_ea";
/// Prefix of an alternate stream's name.
inline constexpr std::string_view kStreamPrefix = "user.";

}  // namespace ntfs_xattr

/// The names of the same attributes in an EROFS mount, after the prefix `user.`, or `trusted.` for
/// symbolic links. Unlike those of ntfs-3g they can be stored on any file system, and so survive
/// when an overlay copies a file. Integers are little-endian.
namespace stored_ntfs_xattr {

inline constexpr std::string_view kAcl = "ntfs.acl";
inline constexpr std::string_view kAttributes = "ntfs.attrib";
inline constexpr std::string_view kTimes = "ntfs.times";
inline constexpr std::string_view kReparseData = "ntfs.reparse_data";
inline constexpr std::string_view kExtendedAttributes = "ntfs.ea";
inline constexpr std::array kAll = {kAcl, kAttributes, kTimes, kReparseData, kExtendedAttributes};

}  // namespace stored_ntfs_xattr

/// Linux's limits on a value, on a name, and on a list of names, each with its terminating NUL.
inline constexpr std::size_t kMaxXattrSize = 65536;
inline constexpr std::size_t kMaxXattrName = 255;
inline constexpr std::size_t kMaxXattrList = 65536;

/// Returns true if an attribute user.NAME for that stream would be an instruction to Linux or to a
/// program: a directory with a stream overlay.opaque, for example, would make overlays hide the
/// directory below. Such streams are not shown as attributes. Ignores case, as stream names do.
bool is_reserved_stream_name(std::string_view stream) noexcept;

// The list of a file's NTFS extended attributes, kExtendedAttributes above, has the form of an NTFS
// volume: each entry is padded to a multiple of four and holds the offset of the next position,
// even the last, where Windows' interface and images have 0.

/// Converts an image's list to that form; the order of the attributes is kept. Throws as
/// parse_extended_attributes() does.
Bytes ea_list_on_volume(ByteView list);

/// Converts back by clearing the last offset. Lists in the form of an image are not changed;
/// neither are invalid lists, which parse_extended_attributes() rejects.
Bytes ea_list_of_volume(ByteView list);

}  // namespace cim
