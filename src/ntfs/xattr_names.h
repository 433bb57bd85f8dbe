// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The Linux extended attributes through which ntfs-3g shows a file's NTFS metadata. Those ending in
// "_be" are big-endian, the others in the machine's byte order.

#include <string_view>

namespace cim::ntfs_xattr {

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

}  // namespace cim::ntfs_xattr
